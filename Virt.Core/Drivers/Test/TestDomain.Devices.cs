using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Drivers.Test;

internal sealed partial class TestDomain
{
    /// <summary>The devices, or null when the domain is gone or does not pass the filter.</summary>
    public DomainDeviceList? TryGetDevices(Func<DomainRecord, bool> passes, DeviceQuery query)
    {
        TestDefinition? live, config;
        lock (_gate)
        {
            if (_gone || !passes(Shown()))
                return null;
            (live, config) = (_run?.Definition, _config);
        }

        bool inactive = (query.Inactive && config is not null) || live is null;
        XElement[] shown = inactive ? Devices(config!) : LiveDevices(live!);
        XElement[] others = inactive ? live is null ? [] : LiveDevices(live) : config is null ? [] : Devices(config);
        IReadOnlyList<XElement?> pairs = DeviceMatcher.Pair(shown, others);
        ChangeScope alone = inactive ? ChangeScope.Config : ChangeScope.Live;
        return new DomainDeviceList(
            Uuid, Name,
            [
                .. shown.Select((device, i) => (Device: device, Presence: pairs[i] is null ? alone : ChangeScope.Both))
                    .Where(pair => query.Kinds is null || query.Kinds.Contains(pair.Device.Name.LocalName))
                    .Select(pair => Describe(pair.Device, pair.Presence, query.Details)),
            ]);
    }

    /// <summary>The disks of the run and of the next start.</summary>
    public IReadOnlyList<TestDisk> DisksNow()
    {
        lock (_gate)
            return _gone ? [] : [.. _run?.Definition.Disks ?? [], .. _config?.Disks ?? []];
    }

    /// <summary>Adds a device.</summary>
    public DeviceChange Attach(XElement device, ChangeScope scope)
    {
        ChangeScope applied = default;
        XElement? shown = null;
        DomainRecord record = Act(() =>
        {
            applied = Resolve(scope);
            TestDefinition? config = Changes(applied, ChangeScope.Config) ? With(_config!, device, live: false).Definition : null;
            if (Changes(applied, ChangeScope.Live))
            {
                DeviceHotplug.Check(Name, device);
                (TestDefinition live, shown) = With(_run!.Definition, device, live: true);
                _host.CheckNetworks(live);
                _run.Definition = live;
            }

            Take(config);
        });
        return new DeviceChange(
            record, DeviceElement.ToXml(shown ?? Inactive(device)), applied, DeviceNotes.Attached(applied, record.IsActive, record.Persistent));
    }

    /// <summary>Changes a device.</summary>
    public DeviceChange Update(XElement wanted, ChangeScope scope)
    {
        ChangeScope applied = default;
        XElement? before = null;
        XElement? after = null;
        bool inConfig = false;
        DomainRecord record = Act(() =>
        {
            applied = Resolve(scope);
            XElement told = wanted;
            if (_run is not null && Find(_run.Definition, wanted, live: true) is { } running)
            {
                before = running;
                told = new XElement(running);
            }

            inConfig = _config is not null && Counterpart(_config, told, wanted) is not null;
            TestDefinition? config = Changes(applied, ChangeScope.Config) ? Replaced(_config!, told, wanted, out after) : null;
            if (Changes(applied, ChangeScope.Live))
                _run!.Definition = Merged(_run.Definition, wanted, out after);
            Take(config);
        });
        return new DeviceChange(
            record, DeviceElement.ToXml(after!), applied, DeviceNotes.Updated(applied, record.IsActive, inConfig, before, after!));
    }

    /// <summary>Grows the image of a disk.</summary>
    public DeviceChange Resize(string target, long capacity)
    {
        XElement? disk = null;
        ChangeScope applied = default;
        DomainRecord record = Act(() =>
        {
            applied = Resolve(ChangeScope.Current);
            var told = new XElement("disk", new XElement("target", new XAttribute("dev", target)));
            disk = Find(_run?.Definition ?? _config!, told, live: _run is not null) ?? throw DeviceErrors.Missing(Name, told, live: _run is not null);
            string path = TestDisk.Read(disk, 0).Path
                ?? throw TestErrors.Invalid(Name, $"the disk '{target}' of domain '{Name}' is empty", "Insert a medium first.");
            DiskSize.Check(target, capacity, _host.Images.Capacity(path));
            _host.Images.Resize(path, capacity);
        });
        return new DeviceChange(record, DeviceElement.ToXml(disk!), applied, []);
    }

    private static bool Changes(ChangeScope applied, ChangeScope one) => (applied & one) != 0;

    private static XElement[] Devices(TestDefinition definition) =>
        [.. definition.Parse().Root.Elements("devices").Elements().Where(DeviceOrder.IsDevice)];

    private static XElement[] LiveDevices(TestDefinition definition) =>
        [.. WithAliases(definition).Section("devices").Elements().Where(DeviceOrder.IsDevice)];

    private static DomainDefinition WithAliases(TestDefinition definition)
    {
        DomainDefinition live = definition.Parse();
        TestAliases.Write(live.Section("devices"));
        return live;
    }

    private static XElement Inactive(XElement device)
    {
        var copy = new XElement(device);
        if (DeviceElement.UserAlias(copy) is null)
            copy.Elements("alias").Remove();
        return copy;
    }

    private static XElement? Find(TestDefinition definition, XElement told, bool live) =>
        DeviceMatcher.Find((live ? WithAliases(definition) : definition.Parse()).Section("devices"), told, live);

    /// <summary>The device of a definition that a device of the run is, or that is told.</summary>
    private static XElement? Counterpart(TestDefinition config, XElement running, XElement told) =>
        DeviceCounterpart.Find(config.Parse(), running, told);

    private (TestDefinition Definition, XElement Device) With(TestDefinition definition, XElement device, bool live)
    {
        DomainDefinition copy = live ? WithAliases(definition) : definition.Parse();
        XElement devices = copy.Section("devices");
        DeviceErrors.CheckFree(Name, devices, device, live);
        XElement added = Inactive(device);
        DeviceOrder.Insert(devices, added);
        MemoryDevices.Added(copy, added);
        if (live)
            TestAliases.Write(devices);
        return (TestDefinition.From(DomainDefinition.Adopt(copy.Root)), added);
    }

    private TestDefinition Replaced(TestDefinition config, XElement told, XElement wanted, out XElement after)
    {
        DomainDefinition copy = config.Parse();
        XElement device = DeviceCounterpart.Find(copy, told, wanted) ?? throw DeviceErrors.NothingToUpdate(Name, wanted, live: false);
        after = Inactive(wanted);
        if (after.Element("address") is null && device.Element("address") is { } address)
            after.Add(address);
        device.ReplaceWith(after);
        return TestDefinition.From(DomainDefinition.Adopt(copy.Root));
    }

    private TestDefinition Merged(TestDefinition running, XElement wanted, out XElement after)
    {
        DomainDefinition copy = WithAliases(running);
        XElement device = DeviceMatcher.Find(copy.Section("devices"), wanted, live: true)
            ?? throw DeviceErrors.NothingToUpdate(Name, wanted, live: true);
        DeviceErrors.CheckChangeable(Name, device, wanted);
        after = DeviceDifference.Merge(device, wanted);
        device.ReplaceWith(after);
        return TestDefinition.From(DomainDefinition.Adopt(copy.Root));
    }

    private void Take(TestDefinition? config)
    {
        if (config is null)
            return;
        _config = config;
        if (_run is null)
            Volatile.Write(ref _last, config);
        Tell(DomainEventKind.Defined, DomainEventDetail.Updated);
    }

    private DeviceRecord Describe(XElement device, ChangeScope presence, bool details)
    {
        ImageRecord? image = details && device.Name.LocalName == "disk" && TestDisk.Read(device, 0).Path is { } path
            ? _host.Images.Describe(path, DeviceElement.Attribute(device, "driver", "type") ?? "raw")
            : null;
        return new DeviceRecord(
            device.Name.LocalName, DeviceElement.ToXml(device), DeviceElement.Alias(device), presence, image, []);
    }

    private ChangeScope Resolve(ChangeScope scope)
    {
        ChangeScope applied = scope == ChangeScope.Current ? _run is null ? ChangeScope.Config : ChangeScope.Live : scope;
        if (Changes(applied, ChangeScope.Live) && _run is null)
            throw TestErrors.NotActive(Name);
        if (Changes(applied, ChangeScope.Config) && _config is null)
            throw TestErrors.Transient(Name, "it has no definition to change");
        return applied;
    }
}
