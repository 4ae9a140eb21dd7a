using System.Collections.Concurrent;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Networks;
using Virt.Secrets;

namespace Virt.Drivers.Test;

/// <summary>
/// A host in memory: which domains there are, by identity and by name. The registry's lock is taken before a domain's, never
/// after it; what ends a domain marks it gone first and takes it out of the registry when its lock is free.
/// </summary>
internal sealed class TestHost : IDisposable
{
    public const string HostName = "test";

    private readonly Lock _registry = new();
    private readonly ConcurrentDictionary<Guid, TestDomain> _byUuid = [];
    private readonly Dictionary<string, TestDomain> _byName = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();
    private TestDomain[]? _sorted;
    private int _lastId;

    public TestHost(TestNode node, TestDriverOptions options)
    {
        Node = node;
        Options = options;
        foreach (TestNodeDomain source in node.Domains)
        {
            (string name, Guid uuid) = (source.Definition.Name, source.Definition.Uuid);
            ThrowIfTaken(name, uuid);
            var domain = new TestDomain(this, source.Definition, persistent: !source.Transient);
            domain.Load(source);
            Add(name, domain);
        }
    }

    public TestNode Node { get; }

    public TestDriverOptions Options { get; }

    public TestEvents Events { get; } = new();

    public SecretCatalog Secrets { get; } = new();

    public TestImages Images { get; } = new();

    public int NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>All domains in the order of their names; the array is never changed.</summary>
    public IReadOnlyList<TestDomain> Domains
    {
        get
        {
            if (Volatile.Read(ref _sorted) is { } sorted)
                return sorted;
            lock (_registry)
            {
                if (_sorted is null)
                {
                    KeyValuePair<string, TestDomain>[] all = [.. _byName];
                    Array.Sort(all, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
                    Volatile.Write(ref _sorted, Array.ConvertAll(all, static pair => pair.Value));
                }

                return _sorted!;
            }
        }
    }

    public TestDomain Get(Guid uuid) =>
        _byUuid.TryGetValue(uuid, out TestDomain? domain) && !domain.IsGone ? domain : throw TestErrors.NoDomain($"the uuid {uuid}");

    public TestDomain Get(string name)
    {
        lock (_registry)
            return Find(name) ?? throw TestErrors.NoDomain($"the name '{name}'");
    }

    public TestDomain Get(int id) =>
        Domains.FirstOrDefault(domain => domain.Id == id) ?? throw TestErrors.NoDomain($"the id {id}");

    /// <summary>The domains that may pass a filter: those of its uuids where it names them, else all.</summary>
    public IReadOnlyList<TestDomain> Candidates(DomainFilter filter) => filter.Uuids is null
        ? Domains
        :
        [
            .. filter.Uuids.Distinct().Select(uuid => _byUuid.GetValueOrDefault(uuid)).OfType<TestDomain>()
                .OrderBy(domain => domain.Name, StringComparer.Ordinal),
        ];

    public DomainRecord Define(DomainDefinition definition)
    {
        TestDefinition taken = TestDefinition.From(definition);
        lock (_registry)
        {
            if (FindSame(taken) is { } existing)
            {
                try
                {
                    return existing.Define(taken);
                }
                catch (VirtNotFoundException)
                {
                    // Its run ended between the look and the call: what is defined is new.
                }
            }

            var domain = new TestDomain(this, taken, persistent: true);
            Add(taken.Name, domain);
            return domain.TellAdded();
        }
    }

    public DomainRecord Create(DomainDefinition definition, StartOptions options, object connection)
    {
        TestDefinition taken = TestDefinition.From(definition);
        lock (_registry)
        {
            if (FindSame(taken) is { } existing)
            {
                try
                {
                    return existing.Create(taken, options, connection);
                }
                catch (VirtNotFoundException ended) when (ended.Code == VirtErrorCode.NoDomain)
                {
                    // As in Define.
                }
            }

            var domain = new TestDomain(this, taken, persistent: false);
            DomainRecord record = domain.Create(taken, options, connection);
            Add(taken.Name, domain);
            return record;
        }
    }

    public DomainRecord Rename(Guid uuid, string newName)
    {
        lock (_registry)
        {
            TestDomain domain = Get(uuid);
            string oldName = domain.Name;
            if (oldName == newName)
                return domain.TryGetRecord() ?? throw TestErrors.NoDomain($"the uuid {uuid}");
            if (Find(newName) is not null)
                throw TestErrors.Invalid(newName, $"a domain '{newName}' exists already", "Take another name.");
            DomainRecord record = domain.Rename(newName);
            _byName.Remove(oldName);
            _byName[newName] = domain;
            Volatile.Write(ref _sorted, null);
            return record;
        }
    }

    /// <summary>Takes a domain that is gone out of the registry.</summary>
    public void Forget(TestDomain domain)
    {
        lock (_registry)
        {
            _byUuid.TryRemove(new KeyValuePair<Guid, TestDomain>(domain.Uuid, domain));
            if (_byName.TryGetValue(domain.Name, out TestDomain? named) && named == domain)
                _byName.Remove(domain.Name);
            Volatile.Write(ref _sorted, null);
        }
    }

    /// <summary>Throws when a virtual network that the definition needs is missing or down.</summary>
    public void CheckNetworks(TestDefinition definition)
    {
        foreach (string name in definition.Interfaces.Select(device => device.Network).OfType<string>())
        {
            NetworkRecord network = Node.Networks.FirstOrDefault(network => network.Name == name)
                ?? throw VirtException.Create(
                    VirtErrorCode.NoNetwork, $"no network with the name '{name}'", name, "Define the network, or change the interface.");
            if (!network.Active)
                throw TestErrors.Invalid(name, $"the network '{name}' is not active", "Start the network first.");
        }
    }

    /// <summary>Runs something when the simulated guest has had its time, unless the host has ended.</summary>
    public void AfterGuestDelay(Action action)
    {
        _ = RunAsync();

        async Task RunAsync()
        {
            await Task.Delay(Options.GuestDelay, Options.Time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.IsCancellationRequested)
                return;
            action();
            Events.Deliver();
        }
    }

    public void Dispose() => _ended.Cancel();

    private TestDomain? Find(string name) => _byName.TryGetValue(name, out TestDomain? domain) && !domain.IsGone ? domain : null;

    /// <summary>The domain with both name and uuid; null when there is none with either.</summary>
    private TestDomain? FindSame(TestDefinition definition)
    {
        if (_byUuid.TryGetValue(definition.Uuid, out TestDomain? same) && !same.IsGone && same.Name == definition.Name)
            return same;
        ThrowIfTaken(definition.Name, definition.Uuid);
        return null;
    }

    private void ThrowIfTaken(string name, Guid uuid)
    {
        if (_byUuid.TryGetValue(uuid, out TestDomain? byUuid) && !byUuid.IsGone)
            throw TestErrors.UuidTaken(byUuid.Name, uuid);
        if (Find(name) is { } byName)
            throw TestErrors.NameTaken(name, byName.Uuid);
    }

    private void Add(string name, TestDomain domain)
    {
        _byUuid[domain.Uuid] = domain;
        _byName[name] = domain;
        Volatile.Write(ref _sorted, null);
    }
}
