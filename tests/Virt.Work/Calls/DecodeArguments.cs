using Virt.Drivers;
using Virt.Rpc;

namespace Virt.Work.Calls;

/// <summary>A generated procedure reads many arguments, calls a driver that has nothing to do, and answers with an empty list.</summary>
internal sealed class DecodeArguments : IWorkload, IDisposable
{
    private readonly OneDomain _driver = new();
    private readonly FrameCutter _cutter = new();
    private readonly Procedure _procedure;
    private readonly FrameHeader _header;
    private readonly ReadOnlyMemory<byte> _arguments;

    public DecodeArguments()
    {
        FrameHeader header = default;
        ReadOnlyMemory<byte> arguments = default;
        using FrameCaller caller = new(call =>
        {
            header = _cutter.Cut(call, out ReadOnlyMemory<byte> body);
            arguments = body.ToArray();
            return null;
        });
        _ = Completed.Result(new HypervisorDriverStub(caller)
            .GetDomainStatisticsAsync(SampleCall.Filter, SampleCall.Groups, CancellationToken.None));
        _header = header;
        _arguments = arguments;
        _procedure = HypervisorDriverProcedures.All.Single(row => row.Id == header.Procedure);
    }

    public string Name => "decode.arguments";

    public int Operations => 1;

    public void Run()
    {
        AnsweredCall call = new(_header, _arguments);
        Completed.Check(_procedure.Invoke(_driver, call, CancellationToken.None));
        call.Answer!.Dispose();
    }

    public void Dispose() => _cutter.Dispose();
}
