using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Authentication;
using Virt.Drivers;
using Virt.Drivers.Test;
using Virt.Fuzz.Engine;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Fuzz.Targets;

/// <summary>How a peer comes to the daemon.</summary>
internal enum PeerKind
{
    Local,
    MustAuthenticate,
    ReadOnly,
}

/// <summary>A daemon in this process with the test driver, as virtd has it; each connection finds a host as good as new.</summary>
internal sealed class FuzzDaemon : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virt-fuzz-").FullName;
    private readonly ErrorLog _log = new();
    private readonly Virt.Daemon.Rpc.Daemon _daemon;
    private readonly Server _server;

    public FuzzDaemon()
    {
        _daemon = new(_log)
        {
            Drivers = new DriverTable(new TestDriverModule(new TestDriverOptions { FilesAllowed = false, MaximumGenerated = 1_000 })),
            Procedures = ProcedureTable.Create(),
        };
        Users = new ScramUsers(Path.Combine(_folder, "users"));
        _server = new Server(
            // Inputs must know nothing of each other's failures.
            "fuzz", _daemon, new ServerLimits { AuthenticationDelay = TimeSpan.Zero, AuthenticationTriesPerAddress = int.MaxValue },
            new RpcConnectionOptions { KeepaliveInterval = TimeSpan.Zero }, Users);
    }

    public ScramUsers Users { get; }

    /// <summary>Every procedure the daemon answers.</summary>
    public static IReadOnlyList<Procedure> Procedures { get; } =
    [
        .. RemoteContracts.Contracts.SelectMany(contract => contract).OrderBy(procedure => (procedure.Id.Program, procedure.Id.Number)),
    ];

    /// <summary>Lets a peer say all it has to say, and hang up.</summary>
    /// <returns>What the daemon answered, and why it says the connection ended.</returns>
    public async Task<(IReadOnlyList<(FrameHeader Header, byte[] Body)> Frames, string Reason)> TalkAsync(
        ReadOnlyMemory<byte> script, int pieces, PeerKind kind)
    {
        var stream = new ScriptedStream(script, pieces);
        ClientIdentity? identity = kind == PeerKind.MustAuthenticate ? null : new UnixIdentity(UnixCredentials.OwnUserId);
        _server.Attach(stream, new Peer("memory", "fuzz", kind == PeerKind.ReadOnly, identity));
        foreach (ServerClient client in _server.Clients)
            await client.Gone;
        _log.Check();
        return (Frames(stream.Written), _log.Reason);
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Takes apart what was sent; it has to be whole frames.</summary>
    private static List<(FrameHeader Header, byte[] Body)> Frames(byte[] written)
    {
        List<(FrameHeader, byte[])> frames = [];
        using var receiver = new FrameReceiver { Limit = RpcLimits.Frame };
        for (int at = 0; at < written.Length;)
        {
            Memory<byte> room = receiver.GetRoom();
            int count = Math.Min(room.Length, written.Length - at);
            written.AsMemory(at, count).CopyTo(room);
            receiver.Advance(count);
            at += count;
            while (receiver.TryTake(out FrameHeader header, out ReadOnlyMemory<byte> body))
                frames.Add((header, body.ToArray()));
        }

        FuzzViolation.Unless(!receiver.IsInsideFrame, "the daemon sent part of a frame");
        return frames;
    }
}
