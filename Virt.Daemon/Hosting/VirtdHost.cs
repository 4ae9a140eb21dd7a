using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Drivers.Network;
using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Secret;
using Virt.Daemon.Drivers.Storage;
using Virt.Daemon.Hosting.Systemd;
using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Audit;
using Virt.Daemon.Rpc.Authentication;
using Virt.Daemon.Rpc.Listeners;
using Virt.Daemon.Rpc.Tls;
using Virt.Drivers;
using Virt.Drivers.Test;
using Virt.Rpc;

namespace Virt.Daemon.Hosting;

/// <summary>The life of a virtd, from its configuration to its end. The guests' lives do not depend on it.</summary>
internal sealed class VirtdHost(VirtdOptions options)
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);
    private readonly VirtDirectories _directories = options.Directories;

    /// <summary>Runs until SIGTERM, SIGINT, the token, or the idle time-out; then drains and leaves the guests running.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop), interrupt = StopOn(PosixSignal.SIGINT, stop);

        DaemonConfig config = options.ReadConfig();
        using ILoggerFactory loggers = DaemonLogging.Create(options.Verbose ? LogLevel.Debug : config.LogLevel);
        ILogger logger = loggers.CreateLogger("Virt.Daemon");
        _directories.Create(shared: !options.Session);
        using RootLock held = RootLock.Take(_directories);
        HostLog.Starting(logger, Rpc.Daemon.Version, Environment.ProcessId, _directories.Run);

        var audit = new AuditTrail(config.Audit.Enabled ? new AuditLog(config.Audit.File ?? _directories.AuditLog, logger) : null);
        await using ConfiguredAsyncDisposable auditing = audit.ConfigureAwait(false);
        var daemon = new Rpc.Daemon(loggers);
        await using ConfiguredAsyncDisposable ending = daemon.ConfigureAwait(false);
        var server = new Server("virtd", daemon, config.Limits.ToServer(), Connections(config), new ScramUsers(options.UsersFile))
        {
            Access = config.Access.Policy(options.ConfigFile),
            Audit = audit,
        };
        var users = new QemuUsers(config.Qemu, isSystem: options is { Root: null, Session: false });
        var programs = HostPrograms.Of(config.Qemu);
        var capabilities = new QemuCapabilitiesCache(
            _directories.CapabilitiesCache, programs.Emulators, users.Confinement,
            probe => audit.Probed(probe.Emulator, probe.User, probe.Time, probe.Failure));
        ILogger qemuLogger = loggers.CreateLogger("Virt.Daemon.Qemu");
        var secrets = new SecretStore(_directories.Secrets, loggers.CreateLogger("Virt.Daemon.Secret"));
        var images = new ImageStore(new StorageFolders(_directories.Images, config.Storage.Folders, () => CallContext.IsHostAdministrators));
        var pools = new StoragePools(images);
        var networks = new HostNetworks(_directories.Networks, Environment.IsPrivilegedProcess ? HostNetworks.LibvirtStatus : null);
        var planner = new QemuGuestPlanner(capabilities, new GuestPreparation(secrets, pools, networks), Host(config, users, programs), qemuLogger);
        var qemu = new QemuHost(_directories, planner, qemuLogger, users, config.Guests);
        await using ConfiguredAsyncDisposable lettingGo = qemu.ConfigureAwait(false);
        daemon.Drivers = new DriverTable(
            // Anybody may open it: what one client can make the daemon hold is bounded.
            new TestDriverModule(new TestDriverOptions { FilesAllowed = false, MaximumGenerated = 1_000 }),
            new QemuDriverModule(qemu, new QemuHostInventory(capabilities), new QemuSecondaryDrivers(secrets, images, pools), options.Session ? "session" : "system"));
        daemon.Procedures = ProcedureTable.Create();
        var certificates = new ServerCertificates(() => ServerPki.Find(config.Tls, _directories), config.Tls.VerifyClient, server.Logger);
        Bind(server, config, certificates);
        using PosixSignalRegistration reload = ReloadOn(PosixSignal.SIGHUP, server, certificates);
        await qemu.InitializeAsync(stop.Token).ConfigureAwait(false);
        daemon.Start();
        audit.Daemon("start");

        using IdleWatch? idle = WatchIdle(daemon, server, qemu);
        using var memory = new MemoryTrim();
        daemon.ClientsChanged += memory.Changed;
        _ = qemu.Services.Events.Subscribe(_ => memory.Changed());
        memory.Changed();
        SystemdNotifier.Notify("READY=1", $"STATUS=Serving {_directories.Socket}");
        HostLog.Ready(logger, _directories.Socket);

        await WaitAsync(idle, stop.Token).ConfigureAwait(false);
        SystemdNotifier.Notify("STOPPING=1");
        HostLog.Stopping(logger, idle?.Idle.IsCompleted == true ? "idle" : "asked to");
        await daemon.DrainAsync(DrainTime, CancellationToken.None).ConfigureAwait(false);
        audit.Daemon("stop");
    }

    private IdleWatch? WatchIdle(Rpc.Daemon daemon, Server server, QemuHost qemu)
    {
        if (options.IdleTimeout is not { } patience)
            return null;
        var idle = new IdleWatch(() => server.Clients.Count > 0 || qemu.HasActiveDomains, patience);
        daemon.ClientsChanged += idle.Changed;
        _ = qemu.Services.Events.Subscribe(_ => idle.Changed());
        return idle;
    }

    private static async Task WaitAsync(IdleWatch? idle, CancellationToken stop) =>
        await (idle?.Idle ?? Task.Delay(Timeout.Infinite, CancellationToken.None)).WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            // The process ends when it has drained, not now.
            context.Cancel = true;
            stop.Cancel();
        });

    /// <summary>What is re-read by itself when it changes is re-read at once; SIGHUP does not end a daemon.</summary>
    private static PosixSignalRegistration ReloadOn(PosixSignal signal, Server server, ServerCertificates certificates) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (server.Listeners.OfType<TlsSocketListener>().Any())
                certificates.Reload();
        });

    private void Bind(Server server, DaemonConfig config, ServerCertificates certificates)
    {
        var allowed = new AllowedClients(config.Tls.AllowedClients);
        IReadOnlyList<Listener> inherited = InheritedSockets.TakeListeners(socket => TlsSocketListener.Inherit(socket, certificates, allowed));
        foreach (Listener listener in inherited)
            server.Add(listener);
        if (inherited.Count == 0)
        {
            server.Add(UnixSocketListener.Bind(
                _directories.Socket, readOnly: false, config.Unix.FileMode(options.ConfigFile), config.Unix.Group));
            server.Add(UnixSocketListener.Bind(
                _directories.ReadOnlySocket, readOnly: true, config.Unix.ReadOnlyFileMode(options.ConfigFile), config.Unix.Group));
        }

        if (config.Tcp.Enabled && !inherited.OfType<TcpSocketListener>().Any())
            server.Add(TcpSocketListener.Bind(new IPEndPoint(IPAddress.Parse(config.Tcp.Address), config.Tcp.Port)));
        bool tlsInherited = inherited.OfType<TlsSocketListener>().Any();
        if (config.Tls.Enabled || tlsInherited)
            certificates.Load();
        if (config.Tls.Enabled && !tlsInherited)
            server.Add(TlsSocketListener.Bind(config.Tls.EndPoint(), certificates, allowed));
    }

    private GuestHost Host(DaemonConfig config, QemuUsers users, HostPrograms programs) => GuestHost.Of(new QemuFolders(_directories)) with
    {
        Sandbox = config.Qemu.Sandbox, IsSeparate = users.IsSeparate, Programs = programs,
    };

    private static RpcConnectionOptions Connections(DaemonConfig config) => new()
    {
        KeepaliveInterval = TimeSpan.FromSeconds(config.Keepalive.IntervalSeconds),
        KeepaliveCount = config.Keepalive.Count,
        FrameLimit = config.Limits.FrameMiB << 20,
        SendQueueLimit = (long)config.Limits.SendQueueMiB << 20,
        StallTime = TimeSpan.FromSeconds(config.Limits.StallSeconds),
    };
}
