using System.Net;
using Virt.Connections;
using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Audit;
using Virt.Daemon.Rpc.Authentication;
using Virt.Daemon.Rpc.Listeners;
using Virt.Daemon.Rpc.Tls;
using Virt.Drivers;
using Virt.Remote;
using Virt.Remote.Transports;
using Virt.Rpc;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>A daemon in this process with the fake driver, a folder of its own, and whichever listeners a test wants.</summary>
internal sealed class TestDaemon : IAsyncDisposable
{
    public const string User = "user";
    public const string Password = "pencil";

    private readonly CancellationTokenSource _time = new(TimeSpan.FromSeconds(240));
    private string? _unixSocket;
    private int? _tcpPort;

    public TestDaemon(
        ServerLimits? limits = null, RpcConnectionOptions? options = null, AccessPolicy? access = null, IDriverModule? module = null,
        Func<string, RecordingLoggers, AuditLog>? audit = null)
    {
        Folder = Directory.CreateTempSubdirectory("virt-rpc-").FullName;
        Daemon = new(Loggers) { Drivers = new DriverTable(module ?? Module), Procedures = ProcedureTable.Create() };
        Users = new ScramUsers(Path.Combine(Folder, "users"));
        Server = new("test", Daemon, limits ?? new() { AuthenticationDelay = TimeSpan.Zero }, options ?? new(), Users)
        {
            Access = access ?? AccessPolicy.Default,
            Audit = new AuditTrail(audit?.Invoke(AuditPath, Loggers)),
        };
    }

    public string Folder { get; }

    public string AuditPath => Path.Combine(Folder, "audit.log");

    public RecordingLoggers Loggers { get; } = new();

    public FakeModule Module { get; } = new();

    public FakeHypervisor Hypervisor => Module.Hypervisor;

    public ScramUsers Users { get; }

    public Virt.Daemon.Rpc.Daemon Daemon { get; }

    public Server Server { get; }

    /// <summary>Ends a test that hangs.</summary>
    public CancellationToken Time => _time.Token;

    public string SocketPath(bool readOnly = false) => Path.Combine(Folder, readOnly ? "virtd-ro.sock" : "virtd.sock");

    /// <summary>The socket it listens on, from the first use on.</summary>
    public string UnixSocket => _unixSocket ??= ListenUnix();

    /// <summary>The port it listens on, from the first use on.</summary>
    public async Task<int> TcpPortAsync() => _tcpPort ??= await ListenTcpAsync();

    public string ListenUnix(bool readOnly = false)
    {
        UnixSocketListener listener = UnixSocketListener.Bind(
            SocketPath(readOnly), readOnly, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Server.Add(listener);
        listener.Start(Server);
        return SocketPath(readOnly);
    }

    public async Task<int> ListenTcpAsync()
    {
        await Users.AddAsync(User, Password, Time);
        TcpSocketListener listener = TcpSocketListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Server.Add(listener);
        listener.Start(Server);
        return listener.EndPoint.Port;
    }

    public int ListenTls(TestPki pki, bool verifyClient = true, IReadOnlyList<string>? allowed = null)
    {
        ServerCertificates certificates = new(() => pki.Files, verifyClient, Loggers);
        certificates.Load();
        TlsSocketListener listener = TlsSocketListener.Bind(new IPEndPoint(IPAddress.Loopback, 0), certificates, new AllowedClients(allowed));
        Server.Add(listener);
        listener.Start(Server);
        return listener.EndPoint.Port;
    }

    /// <summary>A raw transport to the server, as a unix client of this user would have it.</summary>
    public Stream ConnectInMemory(bool readOnly = false, bool mustAuthenticate = false, string? address = null) => Connect(
        new Peer("memory", "this process", readOnly, mustAuthenticate ? null : new UnixIdentity(UnixCredentials.OwnUserId)) { Address = address });

    /// <summary>A raw transport to the server, as somebody.</summary>
    public Stream Connect(Peer peer)
    {
        (Stream client, Stream server) = InMemoryPair.Create();
        Server.Attach(server, peer);
        return client;
    }

    public async Task<RemoteDriverConnection> OpenInMemoryAsync(
        bool readOnly = false, bool mustAuthenticate = false, ConnectAuth? auth = null, RpcConnectionOptions? options = null) =>
        await RemoteDriver.OpenAsync(
            ConnectInMemory(readOnly, mustAuthenticate),
            new OpenRequest(ConnectionUri.Parse("fake:///system"), OpenOptions.None, auth ?? ConnectAuth.None),
            options ?? new(),
            Time);

    /// <summary>Connects a transport without a word of the protocol.</summary>
    public async Task<Stream> ConnectAsync(string uri, ConnectAuth? auth = null)
    {
        OpenRequest request = new(ConnectionUri.Parse(uri), OpenOptions.None, auth ?? ConnectAuth.None);
        return await RemoteTransports.Find(request.Uri).OpenAsync(request, Time);
    }

    public async Task<RemoteDriverConnection> OpenAsync(
        string uri, ConnectAuth? auth = null, OpenOptions options = OpenOptions.None)
    {
        DriverOpening<IDriverConnection> opening =
            await new RemoteDriver().OpenAsync(new OpenRequest(ConnectionUri.Parse(uri), options, auth ?? ConnectAuth.None), Time);
        return (RemoteDriverConnection)opening.Driver!;
    }

    public async ValueTask DisposeAsync()
    {
        await Daemon.DisposeAsync();
        await Task.WhenAll(Server.Clients.Select(client => client.Gone)).WaitAsync(Time);
        await Server.Audit.DisposeAsync();
        _time.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
