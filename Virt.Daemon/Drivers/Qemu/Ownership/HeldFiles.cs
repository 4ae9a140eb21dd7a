namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>Which guest has which files. Whoever changes what is held of one file has that file's lock.</summary>
internal sealed class HeldFiles
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, List<HeldFile>> _held = [];

    /// <summary>The guests that have something.</summary>
    public Guid[] Domains()
    {
        lock (_lock)
            return [.. _held.Keys];
    }

    /// <summary>What a guest has.</summary>
    public HeldFile[] Of(Guid domain)
    {
        lock (_lock)
            return _held.TryGetValue(domain, out List<HeldFile>? list) ? [.. list] : [];
    }

    /// <summary>Who has a file.</summary>
    public HeldFile[] Holders(FileKey key)
    {
        lock (_lock)
            return [.. _held.Values.SelectMany(list => list).Where(file => file.Key == key)];
    }

    /// <summary>The users that have something, and the guests they are of.</summary>
    public IReadOnlyList<(Guid Domain, uint User)> Users()
    {
        lock (_lock)
            return [.. _held.SelectMany(domain => domain.Value.Select(file => (domain.Key, file.GuestUser)).Distinct())];
    }

    /// <summary>A guest has a file.</summary>
    public void Add(Guid domain, HeldFile file)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(domain, out List<HeldFile>? list))
                _held[domain] = list = [];
            list.Add(file);
        }
    }

    /// <summary>A part of a guest has a file, whatever less it could do with it before.</summary>
    public void Replace(Guid domain, HeldFile file)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(domain, out List<HeldFile>? list))
                list.RemoveAll(before => before.Holder == file.Holder && before.Key == file.Key && before.Need <= file.Need);
            Add(domain, file);
        }
    }

    /// <summary>A guest has a file no more; false when it had not.</summary>
    public bool Remove(Guid domain, HeldFile file)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(domain, out List<HeldFile>? list) || !list.Remove(file))
                return false;
            if (list.Count == 0)
                _held.Remove(domain);
            return true;
        }
    }
}
