using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// The base of commands that work on devices. Domains are gathered first, so that the devices of all come with one call to each
/// host.
/// </summary>
public abstract class DeviceCommand : DomainCommand
{
    private readonly List<FoundDomain> _gathered = [];

    /// <summary>Which devices are asked for.</summary>
    internal abstract DeviceQuery Query { get; }

    /// <summary>On the pipeline thread: works on the devices of a domain.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="given">The devices that the user gave themselves; null where only the domain was named.</param>
    /// <param name="devices">Those that the domain has.</param>
    internal abstract void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_gathered.Count > 0)
        {
            Dictionary<(VirtHost, Guid), IReadOnlyList<VirtDevice>> found = Await(ListAsync);
            foreach (IGrouping<(VirtHost, Guid), FoundDomain> group in _gathered.GroupBy(one => (one.Domain.VirtHost, one.Domain.Uuid)))
            {
                if (!found.TryGetValue(group.Key, out IReadOnlyList<VirtDevice>? devices))
                    continue;
                VirtDevice[] given = [.. group.Select(one => one.Input).OfType<VirtDevice>()];
                Work(group.First().Domain, group.Any(one => one.Input is not VirtDevice) ? null : given, devices);
            }
        }

        base.EndProcessing();
    }

    internal sealed override bool Take(FoundDomain found)
    {
        _gathered.Add(found);
        return false;
    }

    internal sealed override Task WorkAsync(VirtDomain domain, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>The object of a device.</summary>
    internal static VirtDevice Wrap(VirtDomain domain, DeviceRecord record) => record.Kind switch
    {
        "disk" => new VirtDisk(domain, record),
        "interface" => new VirtNic(domain, record),
        _ => new VirtDevice(domain, record),
    };

    private async Task<Dictionary<(VirtHost, Guid), IReadOnlyList<VirtDevice>>> ListAsync(CancellationToken cancel)
    {
        var found = new Dictionary<(VirtHost, Guid), IReadOnlyList<VirtDevice>>();
        await Task.WhenAll(_gathered.GroupBy(one => one.Domain.VirtHost).Select(async host =>
        {
            Dictionary<Guid, VirtDomain> domains = host.Select(one => one.Domain).DistinctBy(domain => domain.Uuid)
                .ToDictionary(domain => domain.Uuid);
            foreach ((Guid uuid, IReadOnlyList<VirtDevice> devices) in await ListAsync(host.Key, domains, cancel).ConfigureAwait(false))
            {
                lock (found)
                    found[(host.Key, uuid)] = devices;
            }
        })).ConfigureAwait(false);
        return found;
    }

    private async Task<List<(Guid Uuid, IReadOnlyList<VirtDevice> Devices)>> ListAsync(
        VirtHost host, Dictionary<Guid, VirtDomain> domains, CancellationToken cancel)
    {
        var found = new List<(Guid, IReadOnlyList<VirtDevice>)>();
        try
        {
            var filter = new DomainFilter(Uuids: [.. domains.Keys]);
            IReadOnlyList<DomainDeviceList> lists = await CallAsync(
                host, "ListDomainDevices", (driver, token) => driver.ListDomainDevicesAsync(filter, Query, token), cancel)
                .ConfigureAwait(false);
            foreach (DomainDeviceList list in lists)
            {
                if (domains.Remove(list.Uuid, out VirtDomain? domain))
                    found.Add((list.Uuid, [.. list.Devices.Select(device => Wrap(domain, device))]));
            }

            foreach (VirtDomain gone in domains.Values)
            {
                Fail(
                    VirtException.Create(
                        VirtErrorCode.NoDomain, $"the domain '{gone.Name}' is no longer on {host.Name}", gone.Name,
                        "Get-VirtDomain -All lists the domains."),
                    gone);
            }
        }
        catch (VirtException failure)
        {
            Fail(failure, host);
        }

        return found;
    }
}
