using Virt.Drivers;
using Virt.Rpc;

namespace Virt.Work.Calls;

/// <summary>A generated stub makes the frame of a call with many arguments.</summary>
internal sealed class EncodeArguments : IWorkload, IDisposable
{
    private readonly FrameCaller _caller = new(static _ => null);
    private readonly HypervisorDriverStub _stub;

    public EncodeArguments() => _stub = new HypervisorDriverStub(_caller);

    public string Name => "encode.arguments";

    public int Operations => 1;

    public void Run() =>
        _ = Completed.Result(_stub.GetDomainStatisticsAsync(SampleCall.Filter, SampleCall.Groups, CancellationToken.None));

    public void Dispose() => _caller.Dispose();
}
