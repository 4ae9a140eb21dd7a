using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Fuzz.Targets;

/// <summary>
/// The bodies of frames: the arguments of every procedure, on their way through a daemon to the test driver; the results and events
/// that a lying daemon answers with; and every record, which decoded and encoded again is what it was. The first byte says which of
/// the three, the second which procedure or record.
/// </summary>
internal sealed class BodiesTarget : FuzzTarget
{
    private const int Prefix = 2;
    private const int Kinds = 3;

    private readonly FuzzDaemon _daemon = new();
    private readonly long[] _runs = new long[Kinds];
    private readonly ContractMethod[] _methods = [.. FuzzDaemon.Procedures.Select(procedure => new ContractMethod(procedure))];

    public override string Name => "bodies";

    public override string Description => "arguments of every procedure, replies of a lying daemon, records";

    public override IReadOnlyList<IMutator> Mutators { get; } = [new PackMutator(Prefix), new PackMutator(Prefix), new PackMutator(Prefix), new ByteMutator()];

    public override string? Shares => $"{_runs[0]} arguments, {_runs[1]} replies, {_runs[2]} records";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            for (int i = 0; i < _methods.Length; i++)
            {
                yield return [0, (byte)i, .. _methods[i].Arguments(full: true)];
                yield return [0, (byte)i, .. _methods[i].Arguments(full: false)];
            }

            for (int i = 0; i < RecordCodec.All.Count; i++)
            {
                foreach (bool full in (bool[])[true, false])
                {
                    byte[] record = RecordCodec.All[i].Sample(full);
                    yield return [2, (byte)i, .. record];
                    // Most results are a record or a list of them.
                    for (int method = 0; method < _methods.Length; method++)
                    {
                        if (Takes(_methods[method], record) || Takes(_methods[method], [0x91, .. record]))
                            yield return [1, (byte)method, .. Takes(_methods[method], record) ? [] : (byte[])[0x91], .. record];
                    }
                }
            }
        }
    }

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        if (input.Length < Prefix)
            return "short";
        byte[] body = input[Prefix..];
        int kind = input[0] % Kinds;
        _runs[kind]++;
        switch (kind)
        {
            case 0:
                ContractMethod called = _methods[input[1] % _methods.Length];
                return await CallAsync(called.Procedure, body);
            case 1:
                ContractMethod answered = _methods[input[1] % _methods.Length];
                return $"{answered.Procedure.Name} reply: {Try(() => answered.Answer(body))}";
            default:
                int record = input[1] % RecordCodec.All.Count;
                return $"record {record}: {Try(() => Roundtrip(RecordCodec.All[record], body))}";
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await base.DisposeAsync();
    }

    private async Task<string> CallAsync(Procedure procedure, byte[] arguments)
    {
        byte[] script = [.. Wire.Open(1), .. Wire.Call(procedure.Id, 2, arguments)];
        (IReadOnlyList<(FrameHeader Header, byte[] Body)> frames, string reason) = await _daemon.TalkAsync(script, 0, PeerKind.Local);
        if (frames.FirstOrDefault(frame => frame.Header.Type == FrameType.Reply && frame.Header.Serial == 2) is not { Body: { } body } answer)
            return $"{procedure.Name}: {Outcome.Shape(reason)}";
        if (answer.Header.Status != FrameStatus.Error)
            return $"{procedure.Name}: ok";
        var reader = new PackReader(body);
        ErrorRecord error = ErrorRecordCodec.Read(ref reader);
        FuzzViolation.Unless(!error.Message.StartsWith("virtd failed", StringComparison.Ordinal), error.Message);
        return $"{procedure.Name}: {error.Code} {Outcome.Shape(error.Message)}";
    }

    private static void Roundtrip(RecordCodec codec, byte[] body)
    {
        byte[] once = codec.Again(body);
        FuzzViolation.Unless(codec.Again(once).AsSpan().SequenceEqual(once), "what was decoded and encoded is not decoded to the same");
    }

    private static bool Takes(ContractMethod method, byte[] reply)
    {
        try
        {
            method.Answer(reply);
            return true;
        }
        catch (PackException)
        {
            return false;
        }
    }

    private static string Try(Action read)
    {
        try
        {
            read();
            return "ok";
        }
        catch (PackException refused)
        {
            return Outcome.Shape(refused.Message);
        }
    }
}
