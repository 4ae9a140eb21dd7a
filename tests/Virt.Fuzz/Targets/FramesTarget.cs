using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Fuzz.Targets;

/// <summary>
/// What a peer sends, as bytes: cut into frames by the receiver in pieces of any size, and then as a whole connection to a daemon,
/// before and after authentication. The first byte says how the peer came, the second in what pieces it sends.
/// </summary>
internal sealed class FramesTarget : FuzzTarget
{
    private const int Prefix = 2;

    private readonly FuzzDaemon _daemon = new();

    public override string Name => "frames";

    public override string Description => "frames to a daemon, in any pieces, before and after authentication";

    public override IReadOnlyList<IMutator> Mutators { get; } = [new FrameMutator(Prefix), new FrameMutator(Prefix), new ByteMutator()];

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] hello = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.ListAuthentication), 1, [0x90]);
            byte[] start = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.StartAuthentication), 2, Wire.Pack((ref PackWriter writer) =>
            {
                writer.WriteArrayHeader(2);
                writer.Write("SCRAM-SHA-256");
                writer.WriteBinary("n,,n=user,r=abcdefgh"u8);
            }));
            byte[] step = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.StepAuthentication), 3, Wire.Pack((ref PackWriter writer) =>
            {
                writer.WriteArrayHeader(1);
                writer.WriteBinary("c=biws,r=abcdefghX,p=AAAA"u8);
            }));
            byte[] ping = Wire.Frame(new(new(RemoteProgram.Keepalive, 1, 1), FrameType.Event, 0), [0xc0]);
            byte[] host = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.GetHost), 5, [0x90]);
            byte[] list = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.ListDomains), 6, Method(RemoteProcedure.ListDomains).Arguments(false));
            byte[] events = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.SubscribeDomainEvents), 7, [0x90]);
            byte[] define = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.DefineDomain), 8, Method(RemoteProcedure.DefineDomain).Arguments(true));
            byte[] cancel = Wire.Frame(new(new(RemoteProgram.Number, 1, RemoteProcedure.SubscribeDomainEvents), FrameType.Cancel, 7), [0xc0]);
            byte[] close = Wire.Call(new(RemoteProgram.Number, 1, RemoteProcedure.Close), 9, [0x90]);
            yield return [0, 0, .. hello, .. Wire.Open(4), .. host, .. list];
            yield return [0, 1, .. Wire.Open(4), .. events, .. define, .. cancel, .. close];
            yield return [0, 2, .. host, .. ping, .. Wire.Open(4), .. Wire.Open(5)];
            yield return [1, 0, .. hello, .. start, .. step, .. host];
            yield return [1, 2, .. Wire.Open(4), .. list];
            yield return [2, 0, .. Wire.Open(4), .. list, .. define];
            yield return [0, 0, .. ping, .. cancel];
            yield return [0, 0, 0x00, 0x00, 0x00, 0x08, 0x96, 1, 1, 1, 0, 1, 0, 0x90];
        }
    }

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        if (input.Length < Prefix)
            return "short";
        ReadOnlyMemory<byte> script = input.AsMemory(Prefix);
        PeerKind kind = (PeerKind)(input[0] % 3);
        int pieces = input[1] % 3;
        List<(FrameHeader Header, byte[] Body)> whole = Receive(script, 0), cut = Receive(script, 1 + input[1]);
        FuzzViolation.Unless(
            whole.Count == cut.Count && whole.Zip(cut).All(pair => pair.First.Header == pair.Second.Header && pair.First.Body.AsSpan().SequenceEqual(pair.Second.Body)),
            "the pieces in which it came changed what was received");
        (IReadOnlyList<(FrameHeader Header, byte[] Body)> answers, string reason) = await _daemon.TalkAsync(script, pieces, kind);
        Check(whole, answers, kind);
        return $"{kind} {whole.Count(frame => frame.Header.Type == FrameType.Call)} {Outcome.Shape(reason)} {string.Join(' ', answers.Take(4).Select(Describe))}";
    }

    public override async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await base.DisposeAsync();
    }

    private static ContractMethod Method(int number) =>
        new(FuzzDaemon.Procedures.Single(procedure => procedure.Id == new ProcedureId(RemoteProgram.Number, 1, number)));

    /// <summary>Each whole frame, until one that is none. What is kept of a header is what was sent.</summary>
    private static List<(FrameHeader Header, byte[] Body)> Receive(ReadOnlyMemory<byte> script, int pieces)
    {
        List<(FrameHeader, byte[])> frames = [];
        using var receiver = new FrameReceiver { Limit = RpcLimits.Frame };
        var random = new Random(pieces);
        try
        {
            for (int at = 0; at < script.Length;)
            {
                Memory<byte> room = receiver.GetRoom();
                int count = Math.Min(Math.Min(room.Length, pieces == 0 ? room.Length : random.Next(1, 32)), script.Length - at);
                script.Slice(at, count).CopyTo(room);
                receiver.Advance(count);
                at += count;
                while (receiver.TryTake(out FrameHeader header, out ReadOnlyMemory<byte> body))
                {
                    var again = new PackReader(Wire.Frame(header, body.Span).AsMemory(4));
                    FuzzViolation.Unless(FrameHeader.Read(ref again) == header, "a header changed on its way");
                    frames.Add((header, body.ToArray()));
                }
            }
        }
        catch (InvalidDataException)
        {
            // The one failure there may be; what came before it counts.
        }

        return frames;
    }

    private static void Check(List<(FrameHeader Header, byte[] Body)> sent, IReadOnlyList<(FrameHeader Header, byte[] Body)> answers, PeerKind kind)
    {
        var calls = sent.Where(frame => frame.Header.Type == FrameType.Call).ToLookup(frame => (frame.Header.Procedure, frame.Header.Serial));
        var replies = answers.Where(frame => frame.Header.Type == FrameType.Reply).ToLookup(frame => (frame.Header.Procedure, frame.Header.Serial));
        foreach (var group in replies)
            FuzzViolation.Unless(group.Count() <= calls[group.Key].Count(), "more replies than calls");
        foreach ((FrameHeader header, byte[] body) in answers)
        {
            if (header.Status == FrameStatus.Error)
            {
                var reader = new PackReader(body);
                string message = ErrorRecordCodec.Read(ref reader).Message;
                FuzzViolation.Unless(!message.StartsWith("virtd failed", StringComparison.Ordinal), message);
            }
            else if (header.Type == FrameType.Reply)
            {
                Procedure procedure = FuzzDaemon.Procedures.Single(row => row.Id == header.Procedure);
                FuzzViolation.Unless(kind != PeerKind.MustAuthenticate || MayBeforeAuthentication(procedure.Id), $"{procedure.Name} without authentication");
                FuzzViolation.Unless(kind != PeerKind.ReadOnly || (procedure.Access & ~Access.Read) == 0, $"{procedure.Name} by a read-only peer");
            }
        }
    }

    // The last step of authentication can not be among them: nobody made the proof.
    private static bool MayBeforeAuthentication(ProcedureId id) =>
        id is { Program: RemoteProgram.Number, Number: RemoteProcedure.ListAuthentication or RemoteProcedure.StartAuthentication };

    private static string Describe((FrameHeader Header, byte[] Body) answer)
    {
        if (answer.Header.Status != FrameStatus.Error)
            return $"{answer.Header.Type}{answer.Header.Procedure.Number}";
        var reader = new PackReader(answer.Body);
        ErrorRecord error = ErrorRecordCodec.Read(ref reader);
        return $"{answer.Header.Procedure.Number}:{error.Code}:{Outcome.Shape(error.Message)}";
    }
}
