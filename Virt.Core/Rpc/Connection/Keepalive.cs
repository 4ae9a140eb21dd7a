using Virt.Remote;

namespace Virt.Rpc;

/// <summary>
/// The keepalive program: two events without serial and with nil as body. A ping asks for a sign of life, a pong is the answer;
/// any traffic counts as one, so a busy connection carries neither. Both sides ask on their own.
/// </summary>
internal sealed class Keepalive : IDisposable
{
    public const int Ping = 1;
    public const int Pong = 2;

    private readonly RpcConnection _connection;
    private readonly RpcConnectionOptions _options;
    private readonly Timer? _timer;
    private int _unanswered;

    public Keepalive(RpcConnection connection, RpcConnectionOptions options)
    {
        _connection = connection;
        _options = options;
        if (options.KeepaliveInterval > TimeSpan.Zero)
            _timer = new Timer(static state => ((Keepalive)state!).OnTick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start() => _timer?.Change(_options.KeepaliveInterval, _options.KeepaliveInterval);

    /// <summary>The peer has shown that it lives.</summary>
    public void Alive() => Volatile.Write(ref _unanswered, -1);

    /// <summary>Handles a frame of this program; false when it is none.</summary>
    public bool TryHandle(in FrameHeader header)
    {
        if (header.Procedure.Program != RemoteProgram.Keepalive || header.Type != FrameType.Event)
            return false;
        if (header.Procedure is { Version: RemoteProgram.KeepaliveVersion, Number: Ping })
            _connection.TrySend(Frame(Pong));
        return true;
    }

    public void Dispose() => _timer?.Dispose();

    private void OnTick()
    {
        int unanswered = Interlocked.Increment(ref _unanswered);
        if (unanswered == 0)
            return;
        if (unanswered > _options.KeepaliveCount)
        {
            double seconds = _options.KeepaliveInterval.TotalSeconds * unanswered;
            _connection.Abort(FormattableString.Invariant($"keepalive: no sign of life from the peer for {seconds:0.###} s"));
            return;
        }

        _connection.TrySend(Frame(Ping));
    }

    private static FrameHeader Frame(int procedure) =>
        new(new(RemoteProgram.Keepalive, RemoteProgram.KeepaliveVersion, procedure), FrameType.Event, 0);
}
