using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>All domains of a host. Its lock guards names and identities alone and is never held during work.</summary>
internal sealed class DomainTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, DomainSupervisor> _byUuid = [];
    private readonly Dictionary<string, DomainSupervisor> _byName = new(StringComparer.Ordinal);
    private DomainSupervisor[]? _snapshot;

    /// <summary>All domains in the order of their names.</summary>
    public IReadOnlyList<DomainSupervisor> All
    {
        get
        {
            lock (_lock)
                return _snapshot ??= [.. _byUuid.Values.OrderBy(domain => domain.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Whether the domain with an identity runs.</summary>
    public bool IsRunning(Guid uuid)
    {
        lock (_lock)
            return _byUuid.TryGetValue(uuid, out DomainSupervisor? found) && found.Run is not null;
    }

    /// <summary>The domain with an identity.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoDomain"/>.</exception>
    public DomainSupervisor Get(Guid uuid)
    {
        lock (_lock)
        {
            if (_byUuid.TryGetValue(uuid, out DomainSupervisor? found) && found.IsPublished)
                return found;
        }

        throw Missing($"no domain has the uuid {uuid:D}", uuid.ToString("D"));
    }

    /// <summary>The domain with a name.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoDomain"/>.</exception>
    public DomainSupervisor Get(string name)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out DomainSupervisor? found) && found.IsPublished)
                return found;
        }

        throw Missing($"no domain has the name '{name}'", name);
    }

    /// <summary>
    /// Finds the domain that has this name and this identity, or adds the new one when neither is taken; true when it was added.
    /// </summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when one of them is another domain's.</exception>
    public bool GetOrAdd(string name, Guid uuid, Func<DomainSupervisor> create, out DomainSupervisor domain)
    {
        lock (_lock)
        {
            if (_byUuid.TryGetValue(uuid, out DomainSupervisor? found) && found.Name != name)
                throw Taken(name, $"the uuid {uuid:D} belongs to the domain '{found.Name}'");
            if (found is null && _byName.TryGetValue(name, out DomainSupervisor? other))
                throw Taken(name, $"the domain '{name}' exists with the uuid {other.Uuid:D}");
            domain = found ?? create();
            if (found is not null)
                return false;
            _byUuid.Add(uuid, domain);
            _byName.Add(name, domain);
            _snapshot = null;
            return true;
        }
    }

    /// <summary>Takes a domain out.</summary>
    public void Remove(DomainSupervisor domain)
    {
        lock (_lock)
        {
            _byUuid.Remove(domain.Uuid);
            _byName.Remove(domain.Name);
            _snapshot = null;
        }
    }

    /// <summary>Reserves a second name for a domain; false when it is taken.</summary>
    public bool TryAddName(string name, DomainSupervisor domain)
    {
        lock (_lock)
        {
            return _byName.TryAdd(name, domain);
        }
    }

    /// <summary>Gives up one name of a domain that has another now.</summary>
    public void RemoveName(string name)
    {
        lock (_lock)
        {
            _byName.Remove(name);
            _snapshot = null;
        }
    }

    private static VirtException Missing(string message, string target) => VirtException.Create(
        VirtErrorCode.NoDomain, message, target, "Get-VirtDomain -All lists the domains.");

    private static VirtException Taken(string name, string message) => VirtException.Create(
        VirtErrorCode.OperationFailed, message, name, "Choose another name or uuid, or redefine that domain by giving both.");
}
