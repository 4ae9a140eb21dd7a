using Microsoft.Extensions.Logging;
using Virt.Daemon.Drivers.Qemu.Logs;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Hosting;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>
/// The QEMU driver's state, one per daemon: all domains and their guests. Initialised before sockets accept; disposing lets go
/// of the guests, which run on.
/// </summary>
internal sealed class QemuHost : IAsyncDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);

    private readonly ProcessWatcher _watcher = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger;
    private readonly StartOrder _order;
    private readonly HostSaveMarks _saves;
    private Task _autostarting = Task.CompletedTask;

    /// <summary>A host on the daemon's folders.</summary>
    /// <param name="directories">The daemon's folders.</param>
    /// <param name="planner">Plans guests.</param>
    /// <param name="logger">The log.</param>
    /// <param name="users">Whom guests run as; null for the daemon's own user.</param>
    /// <param name="guests">In which order guests start with the host; null for the defaults.</param>
    public QemuHost(VirtDirectories directories, IGuestPlanner planner, ILogger logger, QemuUsers? users = null, GuestsConfig? guests = null)
    {
        _logger = logger;
        _order = new StartOrder(guests ?? new());
        var folders = new QemuFolders(directories);
        _saves = new HostSaveMarks(folders.HostSaves);
        users ??= new QemuUsers(new QemuConfig(), isSystem: false);
        var ownership = new FileOwnership(
            users.Config, new OwnerStore(folders.Owners, logger), [
                directories.Config, folders.Log, folders.Run, folders.SpareStatuses, folders.Owners, folders.SavedStates, folders.Dumps, folders.Tpm,
            ], logger, users.Range);
        var definitions = new DefinitionStore(folders, logger);
        Services = new QemuServices(
            folders, definitions, new AutostartMarks(folders, definitions, logger), new RunStatusStore(folders, logger), new SavedStateStore(folders),
            new ProcessLauncher(_watcher), users, new GuestUserIds(users, folders, ownership), ownership, planner, new DomainEvents(logger), new DomainTable(), new DomainIds(), new LogKeeper(logger), logger, _stopping.Token);
        Catalog = new DomainCatalog(Services);
    }

    /// <summary>What the supervisors share.</summary>
    public QemuServices Services { get; }

    /// <summary>Define, undefine, create, rename.</summary>
    public DomainCatalog Catalog { get; }

    /// <summary>Whether any guest runs.</summary>
    public bool HasActiveDomains => Services.Table.All.Any(domain => domain.Run is not null);

    /// <summary>Loads the definitions, takes over running guests, and begins to start what starts with the host: what is marked for it, and what was saved when the host shut down.</summary>
    public async Task InitializeAsync(CancellationToken cancel)
    {
        await new DomainLoader(Services).LoadAsync(cancel).ConfigureAwait(false);
        QemuLog.Ready(_logger, Services.Table.All.Count, Services.Table.All.Count(domain => domain.Run is not null));
        if (Services.Autostart.TakeTurn())
            _autostarting = AutostartAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _autostarting.ConfigureAwait(false);
        await Task.WhenAll(Services.Table.All.Select(DrainAsync)).ConfigureAwait(false);
        foreach (DomainSupervisor domain in Services.Table.All)
        {
            if (domain.Run is { Monitor: { } monitor })
                await monitor.DisposeAsync().ConfigureAwait(false);
        }

        _watcher.Dispose();
        Services.Logs.Dispose();
        foreach (DomainSupervisor domain in Services.Table.All)
            domain.Run?.Process?.Dispose();
        _stopping.Dispose();
    }

    // A job that is cut off is finished by the next daemon, but one that is nearly done need not be cut off.
    private static async Task DrainAsync(DomainSupervisor domain)
    {
        if (domain.Jobs.Current is null)
            return;
        try
        {
            using IDisposable lease = await domain.Jobs.AcquireAsync(domain.Name, "stop of virtd", DrainLimit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (VirtException held)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "draining", held.Message);
        }
    }

    private async Task AutostartAsync()
    {
        IReadOnlySet<Guid> saved = _saves.Load();
        foreach (Guid uuid in saved)
            _saves.Remove(uuid);
        try
        {
            await _order.RunAsync(
                Services.Table.All.Where(domain => domain.Record.Autostart || (domain.Record.HasSavedState && saved.Contains(domain.Uuid))),
                domain => domain.Name, AutostartAsync, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // virtd stops: what has not been started is started another day.
        }
    }

    private async Task AutostartAsync(DomainSupervisor domain)
    {
        try
        {
            if (domain.Run is null)
                await domain.RunJobAsync("autostart", () => GuestStarter.StartDefinedAsync(domain, StartOptions.None), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            QemuLog.TaskFailed(_logger, domain.Name, "autostart", failed.Message);
        }
    }
}
