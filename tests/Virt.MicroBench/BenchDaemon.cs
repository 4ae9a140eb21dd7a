using Microsoft.Extensions.Logging.Abstractions;
using Virt.Connections;
using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Audit;
using Virt.Daemon.Rpc.Authentication;
using Virt.Drivers;
using Virt.Drivers.Test;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.MicroBench;

/// <summary>A daemon in this process with the test driver and an audit log, as virtd has them, and a client over a pair in memory.</summary>
internal sealed class BenchDaemon : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virt-bench-").FullName;
    private readonly Virt.Daemon.Rpc.Daemon _daemon;
    private readonly Server _server;
    private readonly AuditTrail _audit;

    public BenchDaemon()
    {
        _daemon = new(NullLoggerFactory.Instance)
        {
            Drivers = new DriverTable(new TestDriverModule(new TestDriverOptions())),
            Procedures = ProcedureTable.Create(),
        };
        _audit = new AuditTrail(new AuditLog(Path.Combine(_folder, "audit.log"), NullLogger.Instance));
        _server = new Server("bench", _daemon, new ServerLimits(), new RpcConnectionOptions(), new ScramUsers(Path.Combine(_folder, "users")))
        {
            Audit = _audit,
        };
    }

    /// <summary>Connects a client to a host of its own.</summary>
    public ValueTask<RemoteDriverConnection> ConnectAsync(int domains)
    {
        (Stream mine, Stream its) = InMemoryPair.Create(1024 * 1024);
        _server.Attach(its, new Peer("memory", "bench", ReadOnly: false, new UnixIdentity(UnixCredentials.OwnUserId)));
        OpenRequest request = new(ConnectionUri.Parse($"test:///default?domains={domains}"), OpenOptions.None, ConnectAuth.None);
        return RemoteDriver.OpenAsync(mine, request, new RpcConnectionOptions(), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _audit.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
