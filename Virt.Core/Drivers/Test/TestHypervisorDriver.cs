using System.Collections.Concurrent;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Hosts;
using Virt.Streams;

namespace Virt.Drivers.Test;

/// <summary>One connection's view of a test host.</summary>
internal sealed class TestHypervisorDriver(TestHostLease lease) : IHypervisorDriver
{
    private readonly TestHost _host = lease.Host;
    private readonly ConcurrentDictionary<IAsyncDisposable, bool> _subscriptions = [];
    private volatile bool _autoDestroys;
    private volatile bool _closed;

    public ValueTask<HostRecord> GetHostAsync(CancellationToken cancel) => Call(() => TestCapabilities.Host(_host), cancel);

    public ValueTask<HostCapabilities> GetHostCapabilitiesAsync(CancellationToken cancel) =>
        Call(() => TestCapabilities.Capabilities(_host), cancel);

    public ValueTask<DomainCapabilities> GetDomainCapabilitiesAsync(DomainCapabilitiesRequest request, CancellationToken cancel) =>
        Call(() => TestCapabilities.Domain(_host, request), cancel);

    public ValueTask<IReadOnlyList<DomainRecord>> ListDomainsAsync(DomainFilter filter, CancellationToken cancel) =>
        Call<IReadOnlyList<DomainRecord>>(
            () =>
            {
                Func<DomainRecord, bool> passes = filter.ToPredicate();
                IReadOnlyList<TestDomain> candidates = _host.Candidates(filter);
                var found = new List<DomainRecord>(candidates.Count);
                foreach (TestDomain domain in candidates)
                {
                    if (domain.TryGetRecord() is { } record && passes(record))
                        found.Add(record);
                }

                return found;
            }, cancel);

    public ValueTask<DomainRecord> GetDomainByNameAsync(string name, CancellationToken cancel) =>
        Call(() => Record(_host.Get(name)), cancel);

    public ValueTask<DomainRecord> GetDomainByUuidAsync(Guid uuid, CancellationToken cancel) =>
        Call(() => Record(_host.Get(uuid)), cancel);

    public ValueTask<DomainRecord> GetDomainByIdAsync(int id, CancellationToken cancel) =>
        Call(() => Record(_host.Get(id)), cancel);

    public ValueTask<string> GetDomainXmlAsync(Guid uuid, XmlOptions options, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(options, XmlOptions.Secure | XmlOptions.Inactive | XmlOptions.Migratable);
            return _host.Get(uuid).GetXml(options);
        },
        cancel);

    public ValueTask<IReadOnlyList<DomainStatistics>> GetDomainStatisticsAsync(
        DomainFilter filter, StatisticsGroups groups, CancellationToken cancel) =>
        Call<IReadOnlyList<DomainStatistics>>(
            () =>
            {
                Func<DomainRecord, bool> passes = filter.ToPredicate();
                return [.. _host.Candidates(filter).Select(domain => domain.TryGetStatistics(passes, groups)).OfType<DomainStatistics>()];
            },
            cancel);

    public ValueTask<IAsyncDisposable> SubscribeDomainEventsAsync(Action<DomainLifecycleEvent> handler, CancellationToken cancel) => Call(
        () =>
        {
            ArgumentNullException.ThrowIfNull(handler);
            IAsyncDisposable subscription = _host.Events.Subscribe(handler, ended => _subscriptions.TryRemove(ended, out _));
            _subscriptions[subscription] = true;
            return subscription;
        },
        cancel);

    public ValueTask<DomainRecord> DefineDomainAsync(string xml, DefineOptions options, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(options, DefineOptions.Validate);
            return _host.Define(DomainDefinition.Parse(xml, (options & DefineOptions.Validate) != 0));
        },
        cancel);

    public ValueTask UndefineDomainAsync(Guid uuid, UndefineOptions options, CancellationToken cancel)
    {
        ValueTask<DomainRecord> undefined = Call(
            () =>
            {
                Flags.Check(
                    options,
                    UndefineOptions.ManagedSave | UndefineOptions.SnapshotsMetadata | UndefineOptions.Nvram | UndefineOptions.KeepNvram
                        | UndefineOptions.Tpm | UndefineOptions.KeepTpm);
                return _host.Get(uuid).Undefine(options);
            },
            cancel);
        return undefined.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(undefined.AsTask());
    }

    public ValueTask<DomainRecord> ChangeDomainAsync(Guid uuid, DomainChange change, ChangeScope scope, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(scope, ChangeScope.Both);
            DefinitionChange.Check(change);
            return _host.Get(uuid).Change(change, scope);
        },
        cancel);

    public ValueTask<DomainRecord> RenameDomainAsync(Guid uuid, string newName, CancellationToken cancel) => Call(
        () =>
        {
            DomainName.Check(newName);
            return _host.Rename(uuid, newName);
        },
        cancel);

    public ValueTask<DomainRecord> CreateDomainAsync(string xml, StartOptions options, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(options, StartOptions.Paused | StartOptions.AutoDestroy | StartOptions.Validate);
            var definition = DomainDefinition.Parse(xml, (options & StartOptions.Validate) != 0);
            return Start(options, () => _host.Create(definition, options, this));
        },
        cancel);

    public ValueTask<DomainRecord> StartDomainAsync(Guid uuid, StartOptions options, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(options, StartOptions.Paused | StartOptions.AutoDestroy | StartOptions.ForceBoot);
            return Start(options, () => _host.Get(uuid).Start(options, this));
        },
        cancel);

    public ValueTask<DomainRecord> ShutdownDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) => Call(
        () =>
        {
            Flags.CheckDefined(mode);
            return _host.Get(uuid).Shutdown(mode);
        },
        cancel);

    public ValueTask<DomainRecord> DestroyDomainAsync(Guid uuid, DestroyOptions options, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(options, DestroyOptions.Graceful);
            return _host.Get(uuid).Destroy();
        },
        cancel);

    public ValueTask<DomainRecord> RebootDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) => Call(
        () =>
        {
            Flags.CheckDefined(mode);
            return _host.Get(uuid).Reboot(mode);
        },
        cancel);

    public ValueTask<DomainRecord> ResetDomainAsync(Guid uuid, CancellationToken cancel) => Call(() => _host.Get(uuid).Reset(), cancel);

    public ValueTask<DomainRecord> SuspendDomainAsync(Guid uuid, CancellationToken cancel) => Call(() => _host.Get(uuid).Suspend(), cancel);

    public ValueTask<DomainRecord> ResumeDomainAsync(Guid uuid, CancellationToken cancel) => Call(() => _host.Get(uuid).Resume(), cancel);

    public ValueTask<DomainRecord> SaveDomainAsync(Guid uuid, CancellationToken cancel) => Call(() => _host.Get(uuid).Save(), cancel);

    public ValueTask<DomainRecord> RemoveSavedDomainAsync(Guid uuid, CancellationToken cancel) =>
        Call(() => _host.Get(uuid).RemoveSaved(), cancel);

    public ValueTask<IReadOnlyList<DomainDeviceList>> ListDomainDevicesAsync(
        DomainFilter filter, DeviceQuery query, CancellationToken cancel) =>
        Call<IReadOnlyList<DomainDeviceList>>(
            () =>
            {
                Func<DomainRecord, bool> passes = filter.ToPredicate();
                return [.. _host.Candidates(filter).Select(domain => domain.TryGetDevices(passes, query)).OfType<DomainDeviceList>()];
            },
            cancel);

    public ValueTask<LaunchCommand> GetLaunchCommandAsync(string xml, CancellationToken cancel) =>
        Call(() => TestCapabilities.Launch(DomainDefinition.Parse(xml)), cancel);

    public ValueTask<DeviceChange> AttachDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(scope, ChangeScope.Both);
            return _host.Get(uuid).Attach(DeviceElement.Parse(xml), scope);
        },
        cancel);

    public async ValueTask<DeviceChange> DetachDeviceAsync(
        Guid uuid, string xml, ChangeScope scope, TimeSpan timeout, CancellationToken cancel)
    {
        Task<DeviceChange> detaching = await Call(
            () =>
            {
                Flags.Check(scope, ChangeScope.Both);
                DeviceTimeout.Check(timeout);
                return _host.Get(uuid).DetachAsync(DeviceElement.Parse(xml), scope, timeout, cancel);
            },
            cancel).ConfigureAwait(false);
        try
        {
            return await detaching.ConfigureAwait(false);
        }
        finally
        {
            _host.Events.Deliver();
        }
    }

    public ValueTask<DeviceChange> UpdateDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel) => Call(
        () =>
        {
            Flags.Check(scope, ChangeScope.Both);
            return _host.Get(uuid).Update(DeviceElement.Parse(xml), scope);
        },
        cancel);

    public ValueTask<DeviceChange> ResizeDiskAsync(Guid uuid, string target, long capacity, CancellationToken cancel) =>
        Call(() => _host.Get(uuid).Resize(target, capacity), cancel);

    public async ValueTask<VirtStream> OpenConsoleAsync(Guid uuid, string? device, ConsoleOptions options, CancellationToken cancel)
    {
        ValueTask<VirtStream> opening = await Call(
            () =>
            {
                Flags.Check(options, ConsoleOptions.Force | ConsoleOptions.Safe);
                return _host.Get(uuid).OpenConsoleAsync(device, options, cancel);
            },
            cancel).ConfigureAwait(false);
        return await opening.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, true))
            return;
        foreach (IAsyncDisposable subscription in _subscriptions.Keys)
            await subscription.DisposeAsync().ConfigureAwait(false);
        if (_autoDestroys)
            AutoDestroy();

        lease.Return();
    }

    private static DomainRecord Record(TestDomain domain) =>
        domain.TryGetRecord() ?? throw TestErrors.NoDomain($"the uuid {domain.Uuid}");

    private DomainRecord Start(StartOptions options, Func<DomainRecord> start)
    {
        if ((options & StartOptions.AutoDestroy) == 0)
            return start();
        _autoDestroys = true;
        DomainRecord record = start();
        if (_closed)
            AutoDestroy();
        return record;
    }

    private void AutoDestroy()
    {
        foreach (TestDomain domain in _host.Domains)
            domain.AutoDestroy(this);
        _host.Events.Deliver();
    }

    /// <summary>Every call passes here: an error comes with the task, and events go out when no lock is held.</summary>
    private ValueTask<T> Call<T>(Func<T> body, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancel);
        try
        {
            if (_closed)
                throw VirtException.Create(VirtErrorCode.InvalidConnection, "the connection is closed", null, "Connect again.");
            return ValueTask.FromResult(body());
        }
        catch (Exception failure)
        {
            return ValueTask.FromException<T>(failure);
        }
        finally
        {
            _host.Events.Deliver();
        }
    }
}
