using Virt.Domains;
using Virt.Drivers;
using Virt.Rpc;
using Virt.Work.Codec;

namespace Virt.Work.Calls;

/// <summary>One call from stub to procedure and back by frames: all of the way but the transport and the threads.</summary>
internal sealed class WholeCall : IWorkload, IDisposable
{
    private readonly Dictionary<ProcedureId, Procedure> _procedures = HypervisorDriverProcedures.All.ToDictionary(row => row.Id);
    private readonly OneDomain _driver = new();
    private readonly Guid _uuid = SampleDomains.Record(2).Uuid;
    private readonly FrameCutter _cutter = new();
    private readonly FrameCaller _caller;
    private readonly HypervisorDriverStub _stub;

    public WholeCall()
    {
        _caller = new FrameCaller(Answer);
        _stub = new HypervisorDriverStub(_caller);
    }

    public string Name => "call.domain";

    public int Operations => 1;

    public void Run() => _ = Completed.Result(_stub.GetDomainByUuidAsync(_uuid, CancellationToken.None));

    public void Dispose()
    {
        _caller.Dispose();
        _cutter.Dispose();
    }

    private FrameBuffer? Answer(FrameBuffer frame)
    {
        FrameHeader header = _cutter.Cut(frame, out ReadOnlyMemory<byte> body);
        AnsweredCall call = new(header, body);
        Completed.Check(_procedures[header.Procedure].Invoke(_driver, call, CancellationToken.None));
        return call.Answer;
    }
}
