using System.Collections.Concurrent;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Consoles;
using Virt.Daemon.Drivers.Qemu.Hotplug;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Drivers;
using Virt.Errors;
using Virt.Hosts;
using Virt.Streams;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>The QEMU driver as one connection sees it: finds the domain and hands the call to those who know how.</summary>
/// <param name="host">The state all connections share.</param>
/// <param name="inventory">What the host can do.</param>
internal sealed class QemuHypervisorDriver(QemuHost host, IHostInventory inventory) : IHypervisorDriver
{
    private readonly ConcurrentDictionary<IAsyncDisposable, byte> _subscriptions = new();
    private readonly ConcurrentDictionary<GuestRun, DomainSupervisor> _autoDestroy = new();

    private volatile bool _disposed;

    private DomainTable Table => host.Services.Table;

    /// <inheritdoc/>
    public ValueTask<HostRecord> GetHostAsync(CancellationToken cancel) => inventory.GetHostAsync(cancel);

    /// <inheritdoc/>
    public ValueTask<HostCapabilities> GetHostCapabilitiesAsync(CancellationToken cancel) => inventory.GetHostCapabilitiesAsync(cancel);

    /// <inheritdoc/>
    public ValueTask<DomainCapabilities> GetDomainCapabilitiesAsync(DomainCapabilitiesRequest request, CancellationToken cancel) =>
        inventory.GetDomainCapabilitiesAsync(request, cancel);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DomainRecord>> ListDomainsAsync(DomainFilter filter, CancellationToken cancel)
    {
        var found = new List<DomainRecord>(Table.All.Count);
        found.AddRange(Select(filter).Select(domain => domain.Snapshot()));
        return ValueTask.FromResult<IReadOnlyList<DomainRecord>>(found);
    }

    /// <inheritdoc/>
    public ValueTask<DomainRecord> GetDomainByNameAsync(string name, CancellationToken cancel) =>
        ValueTask.FromResult(Table.Get(name).Snapshot());

    /// <inheritdoc/>
    public ValueTask<DomainRecord> GetDomainByUuidAsync(Guid uuid, CancellationToken cancel) =>
        ValueTask.FromResult(Table.Get(uuid).Snapshot());

    /// <inheritdoc/>
    public ValueTask<DomainRecord> GetDomainByIdAsync(int id, CancellationToken cancel)
    {
        DomainSupervisor? found = Table.All.FirstOrDefault(domain => domain.IsPublished && domain.Record.Id == id);
        return found is not null
            ? ValueTask.FromResult(found.Snapshot())
            : throw VirtException.Create(
                VirtErrorCode.NoDomain, $"no active domain has the id {id}", null, "Get-VirtDomain lists the active domains with their ids.");
    }

    /// <inheritdoc/>
    public ValueTask<string> GetDomainXmlAsync(Guid uuid, XmlOptions options, CancellationToken cancel) =>
        ValueTask.FromResult(DomainXmlExport.Write(Table.Get(uuid), options));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DomainStatistics>> GetDomainStatisticsAsync(
        DomainFilter filter, StatisticsGroups groups, CancellationToken cancel) =>
        await Task.WhenAll(Select(filter).Select(domain => GuestStatisticsReader.ReadAsync(domain, groups, cancel))).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> SubscribeDomainEventsAsync(Action<DomainLifecycleEvent> handler, CancellationToken cancel)
    {
        IAsyncDisposable subscription = host.Services.Events.Subscribe(handler);
        _subscriptions.TryAdd(subscription, 0);
        return ValueTask.FromResult(subscription);
    }

    /// <inheritdoc/>
    public async ValueTask<DomainRecord> DefineDomainAsync(string xml, DefineOptions options, CancellationToken cancel) =>
        (await host.Catalog.DefineAsync(xml, options, cancel).ConfigureAwait(false)).Snapshot();

    /// <inheritdoc/>
    public async ValueTask UndefineDomainAsync(Guid uuid, UndefineOptions options, CancellationToken cancel) =>
        await host.Catalog.UndefineAsync(Table.Get(uuid), options, cancel).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<DomainRecord> ChangeDomainAsync(Guid uuid, DomainChange change, ChangeScope scope, CancellationToken cancel) =>
        RunAsync(uuid, "change", domain => GuestChanger.ChangeAsync(domain, change, scope), cancel);

    /// <inheritdoc/>
    public async ValueTask<DomainRecord> RenameDomainAsync(Guid uuid, string newName, CancellationToken cancel)
    {
        DomainSupervisor domain = Table.Get(uuid);
        await host.Catalog.RenameAsync(domain, newName, cancel).ConfigureAwait(false);
        return domain.Snapshot();
    }

    /// <inheritdoc/>
    public async ValueTask<DomainRecord> CreateDomainAsync(string xml, StartOptions options, CancellationToken cancel) =>
        (await host.Catalog.CreateAsync(xml, options, domain => Bind(domain, options), cancel).ConfigureAwait(false)).Snapshot();

    /// <inheritdoc/>
    public ValueTask<DomainRecord> StartDomainAsync(Guid uuid, StartOptions options, CancellationToken cancel) =>
        RunAsync(uuid, "start", async domain =>
        {
            await GuestStarter.StartDefinedAsync(domain, options).ConfigureAwait(false);
            Bind(domain, options);
        }, cancel);

    /// <inheritdoc/>
    public ValueTask<DomainRecord> ShutdownDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) =>
        RunAsync(uuid, "shutdown", domain => GuestControl.ShutdownAsync(domain, mode), cancel);

    /// <inheritdoc/>
    public async ValueTask<DomainRecord> DestroyDomainAsync(Guid uuid, DestroyOptions options, CancellationToken cancel)
    {
        DomainSupervisor domain = Table.Get(uuid);
        await GuestStopper.DestroyAsync(domain, options).WaitAsync(cancel).ConfigureAwait(false);
        return domain.Snapshot();
    }

    /// <inheritdoc/>
    public ValueTask<DomainRecord> RebootDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) =>
        RunAsync(uuid, "reboot", domain => GuestControl.RebootAsync(domain, mode), cancel);

    /// <inheritdoc/>
    public ValueTask<DomainRecord> ResetDomainAsync(Guid uuid, CancellationToken cancel) => RunAsync(uuid, "reset", GuestControl.ResetAsync, cancel);

    /// <inheritdoc/>
    public ValueTask<DomainRecord> SuspendDomainAsync(Guid uuid, CancellationToken cancel) => RunAsync(uuid, "suspend", GuestControl.SuspendAsync, cancel);

    /// <inheritdoc/>
    public ValueTask<DomainRecord> ResumeDomainAsync(Guid uuid, CancellationToken cancel) => RunAsync(uuid, "resume", GuestControl.ResumeAsync, cancel);

    /// <inheritdoc/>
    public ValueTask<DomainRecord> SaveDomainAsync(Guid uuid, CancellationToken cancel) => RunAsync(uuid, "save", GuestSaver.SaveAsync, cancel);

    /// <inheritdoc/>
    public ValueTask<DomainRecord> RemoveSavedDomainAsync(Guid uuid, CancellationToken cancel) => RunAsync(uuid, "remove saved state", GuestSaver.RemoveAsync, cancel);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DomainDeviceList>> ListDomainDevicesAsync(
        DomainFilter filter, DeviceQuery query, CancellationToken cancel)
    {
        var lister = new DeviceLister(query, cancel);
        return await Task.WhenAll(Select(filter).Select(lister.ListAsync)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<LaunchCommand> GetLaunchCommandAsync(string xml, CancellationToken cancel)
    {
        DomainDefinition definition = DomainDefinition.Parse(xml);
        string folder = host.Services.Folders.RunOf(definition.Uuid);
        GuestPlan plan = await host.Services.Planner.PlanAsync(
            definition, new GuestPlaces(folder, GuestRun.PidFileIn(folder), host.Services.Folders.LogOf(definition.Name), Restoring: false), cancel)
            .ConfigureAwait(false);
        return new LaunchCommand(
            plan.Executable, plan.Arguments,
            plan.Environment.Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public ValueTask<DeviceChange> AttachDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel)
    {
        XElement device = DeviceElement.Parse(xml);
        return ChangeAsync(uuid, "attach device", domain => DeviceAttacher.AttachAsync(domain, device, scope), cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<DeviceChange> DetachDeviceAsync(
        Guid uuid, string xml, ChangeScope scope, TimeSpan timeout, CancellationToken cancel)
    {
        DeviceTimeout.Check(timeout);
        return await DeviceDetacher.DetachAsync(Table.Get(uuid), DeviceElement.Parse(xml), scope, timeout, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<DeviceChange> UpdateDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel)
    {
        XElement device = DeviceElement.Parse(xml);
        return ChangeAsync(uuid, "update device", domain => DeviceUpdater.UpdateAsync(domain, device, scope), cancel);
    }

    /// <inheritdoc/>
    public ValueTask<DeviceChange> ResizeDiskAsync(Guid uuid, string target, long capacity, CancellationToken cancel) =>
        ChangeAsync(uuid, "resize disk", domain => DiskResizer.ResizeAsync(domain, target, capacity), cancel);

    /// <inheritdoc/>
    public ValueTask<VirtStream> OpenConsoleAsync(Guid uuid, string? device, ConsoleOptions options, CancellationToken cancel) =>
        GuestConsole.OpenAsync(Table.Get(uuid), device, options, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (IAsyncDisposable subscription in _subscriptions.Keys)
            await subscription.DisposeAsync().ConfigureAwait(false);
        _subscriptions.Clear();
        await Task.WhenAll(_autoDestroy.Select(entry => AutoDestroyAsync(entry.Value, entry.Key))).ConfigureAwait(false);
        _autoDestroy.Clear();
    }

    private static async Task AutoDestroyAsync(DomainSupervisor domain, GuestRun run)
    {
        try
        {
            if (domain.Run == run)
                await GuestStopper.DestroyAsync(domain, DestroyOptions.None).ConfigureAwait(false);
        }
        catch (VirtException failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "the end with its connection", failed.Message);
        }
    }

    private IEnumerable<DomainSupervisor> Select(DomainFilter filter)
    {
        Func<DomainRecord, bool> passes = filter.ToPredicate();
        return Table.All.Where(domain => domain.IsPublished && passes(domain.Record));
    }

    private async ValueTask<DomainRecord> RunAsync(Guid uuid, string job, Func<DomainSupervisor, Task> work, CancellationToken cancel)
    {
        DomainSupervisor domain = Table.Get(uuid);
        await domain.RunJobAsync(job, () => work(domain), cancel).ConfigureAwait(false);
        return domain.Snapshot();
    }

    private async ValueTask<DeviceChange> ChangeAsync(
        Guid uuid, string job, Func<DomainSupervisor, Task<DeviceChange>> work, CancellationToken cancel)
    {
        DomainSupervisor domain = Table.Get(uuid);
        DeviceChange? change = null;
        await domain.RunJobAsync(job, async () => change = await work(domain).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return change!;
    }

    // Within the start's job: a client that has stopped waiting, or gone, binds its guest all the same.
    private void Bind(DomainSupervisor domain, StartOptions options)
    {
        if ((options & StartOptions.AutoDestroy) == 0 || domain.Run is not { } run)
            return;
        _autoDestroy.TryAdd(run, domain);
        _ = ForgetAsync(run);
        if (_disposed)
            _ = AutoDestroyAsync(domain, run);
    }

    private async Task ForgetAsync(GuestRun run)
    {
        await run.Ended.ConfigureAwait(false);
        _autoDestroy.TryRemove(run, out _);
    }
}
