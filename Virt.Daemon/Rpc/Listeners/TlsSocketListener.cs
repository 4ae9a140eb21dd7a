using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Virt.Daemon.Rpc.Tls;
using Virt.Errors;
using Virt.Rpc.Sockets;

namespace Virt.Daemon.Rpc.Listeners;

/// <summary>
/// A tcp socket whose clients speak TLS. Handshakes run beside the accepting and count as unauthenticated clients; when there are
/// too many of them one makes room, of the address that has the most: peers who do not go on with theirs keep nobody else out.
/// </summary>
internal sealed class TlsSocketListener : Listener
{
    // What has been given up takes a moment to end and some memory until then.
    private const int MostEnding = 1000;

    private readonly ServerCertificates _certificates;
    private readonly AllowedClients _allowed;
    private readonly Lock _gate = new();
    private readonly LinkedList<Handshake> _handshakes = new();
    private TaskCompletionSource? _settled;

    private TlsSocketListener(Socket socket, ServerCertificates certificates, AllowedClients allowed)
        : base(socket)
    {
        _certificates = certificates;
        _allowed = allowed;
    }

    /// <summary>The address and the port, also when the kernel has chosen it.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)Socket.LocalEndPoint!;

    public override string Description => $"tls {EndPoint}";

    /// <summary>Takes over a socket that listens already, from a service manager.</summary>
    public static TlsSocketListener Inherit(Socket socket, ServerCertificates certificates, AllowedClients allowed) =>
        new(socket, certificates, allowed);

    /// <summary>Binds and listens.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    public static TlsSocketListener Bind(IPEndPoint endPoint, ServerCertificates certificates, AllowedClients allowed) =>
        new(TcpSocketListener.Listen(endPoint, section: "tls"), certificates, allowed);

    protected override Peer Describe(Socket accepted)
    {
        accepted.NoDelay = true;
        return new("tls", accepted.RemoteEndPoint?.ToString() ?? "unknown", ReadOnly: false, Identity: null)
        {
            Address = NetworkAddress.KeyOf(accepted.RemoteEndPoint),
        };
    }

    protected override void Receive(Server server, Socket accepted, CancellationToken stop)
    {
        Peer peer = Describe(accepted);
        HandshakeRoom room = server.RoomFor(peer);
        if ((room != HandshakeRoom.Free && !MakeRoom(peer, room)) || IsFlooded(server.Limits))
        {
            RpcLog.HandshakeFailed(server.Comings.For(peer), peer.Description, "too many clients are authenticating");
            accepted.Dispose();
            return;
        }

        server.BeginHandshake(peer);
        Handshake handshake = new(server, accepted, peer, stop);
        lock (_gate)
            _handshakes.AddLast(handshake);
        _ = RunAsync(handshake);
    }

    protected override Task SettleAsync()
    {
        lock (_gate)
        {
            if (_handshakes.Count == 0)
                return Task.CompletedTask;
            _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _settled.Task;
        }
    }

    /// <summary>Gives a handshake up: the oldest of the address that has its share, else the oldest of the address that has the most.</summary>
    private bool MakeRoom(Peer peer, HandshakeRoom room)
    {
        lock (_gate)
        {
            IEnumerable<Handshake> all = _handshakes.Where(handshake => !handshake.IsGivenUp);
            Handshake? oldest = room == HandshakeRoom.AddressFull
                ? all.FirstOrDefault(handshake => handshake.Peer.Address == peer.Address)
                : all.GroupBy(handshake => handshake.Peer.Address).MaxBy(address => address.Count())?.First();
            oldest?.GiveUp();
            return oldest is not null;
        }
    }

    private bool IsFlooded(ServerLimits limits)
    {
        lock (_gate)
            return _handshakes.Count >= limits.UnauthenticatedClients + MostEnding;
    }

    private async Task RunAsync(Handshake handshake)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await handshake.RunAsync(_certificates, _allowed).ConfigureAwait(false);
        lock (_gate)
        {
            _handshakes.Remove(handshake);
            handshake.Dispose();
            if (_handshakes.Count == 0)
                _settled?.TrySetResult();
        }
    }

    private sealed class Handshake : IDisposable
    {
        private readonly Server _server;
        private readonly Socket _socket;
        private readonly Peer _peer;
        private readonly CancellationTokenSource _end;
        private int _counted = 1;

        public Handshake(Server server, Socket socket, Peer peer, CancellationToken stop)
        {
            _server = server;
            _socket = socket;
            _peer = peer;
            _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _end.CancelAfter(server.Limits.AuthenticationTime);
        }

        public Peer Peer => _peer;

        public bool IsGivenUp { get; private set; }

        public void GiveUp()
        {
            IsGivenUp = true;
            Uncount();
            _ = _end.CancelAsync();
        }

        public async Task RunAsync(ServerCertificates certificates, AllowedClients allowed)
        {
            SslStream stream = new(SocketStreams.Over(_socket), leaveInnerStreamOpen: false);
            try
            {
                ServerCertificates.Loaded current = certificates.Current();
                CertificateAdmission admission = new(current, allowed);
                await stream.AuthenticateAsServerAsync(current.Options(admission), _end.Token).ConfigureAwait(false);
                _end.Token.ThrowIfCancellationRequested();
                if (admission.Verdict is { } verdict)
                    RpcLog.CertificateRefused(_server.Comings.For(_peer), _peer.Description, verdict.Reason, verdict.Action);
                Uncount();
                _server.Attach(stream, _peer with { Identity = admission.Identity }, admission.Refusal);
            }
            catch (Exception e)
            {
                Uncount();
                await stream.DisposeAsync().ConfigureAwait(false);
                RpcLog.HandshakeFailed(_server.Comings.For(_peer), _peer.Description, Reason(e));
            }
        }

        public void Dispose() => _end.Dispose();

        private void Uncount()
        {
            if (Interlocked.Exchange(ref _counted, 0) != 0)
                _server.EndHandshake(_peer);
        }

        private string Reason(Exception failure) => failure switch
        {
            OperationCanceledException when IsGivenUp => "it made room for another, as too many clients are authenticating",
            OperationCanceledException => FormattableString.Invariant($"it did not end within {_server.Limits.AuthenticationTime.TotalSeconds:0.###} s, or virtd ends"),
            AuthenticationException { InnerException: { } inner } => inner.Message,
            _ => failure.Message,
        };
    }
}
