using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>
/// Which guest runs as which user. A guest has an id of its own from before its first process until nothing of it is left: no process,
/// no run folder, no file, no state of a TPM. Nothing is written down for it alone: whose a run's folder and a guest's files are tells later daemons.
/// </summary>
internal sealed class GuestUserIds(QemuUsers users, QemuFolders folders, FileOwnership ownership)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, uint> _taken = [];

    /// <summary>Finds out what earlier daemons have given. Owners' notes are loaded before.</summary>
    public void Load()
    {
        lock (_lock)
        {
            foreach (Guid domain in QemuFolders.DomainsIn(folders.Tpm))
            {
                if (TpmState.UserOf(folders, domain) is { } user)
                    _taken[domain] = user;
            }

            foreach ((Guid domain, uint user) in ownership.Users())
                _taken[domain] = user;
            foreach (Guid domain in QemuFolders.DomainsIn(folders.Run))
            {
                if (RunFolder.OwnerOf(folders.RunOf(domain)) is { User: var user } && user != Accounts.Own)
                    _taken[domain] = user;
            }
        }
    }

    /// <summary>Notes that a guest runs as a user, whatever tells of it.</summary>
    public void Keep(Guid domain, uint user)
    {
        lock (_lock)
        {
            if (user != Accounts.Own)
                _taken[domain] = user;
        }
    }

    /// <summary>The user for a guest that starts; null for the daemon's own. A guest gets the same id each time if nobody else has it.</summary>
    /// <exception cref="VirtException">All ids are taken, or the configuration cannot be followed.</exception>
    public QemuUser? Take(Guid domain)
    {
        if (users.Range is not { } range)
            return users.FindShared();
        lock (_lock)
        {
            // What is left of its last run is its own.
            if (!_taken.TryGetValue(domain, out uint id) || !range.Has(id))
                id = Choose(range, domain);
            QemuUser user = users.OfGuest(id);
            _taken[domain] = id;
            return user;
        }
    }

    /// <summary>Gives a guest's user back, unless something of the guest is left.</summary>
    public void Return(Guid domain)
    {
        lock (_lock)
        {
            if (!ownership.Has(domain) && !Folders.Exists(folders.RunOf(domain)) && TpmState.UserOf(folders, domain) is null)
                _taken.Remove(domain);
        }
    }

    /// <summary>Gives back what belongs to no guest that runs.</summary>
    public void ReturnUnless(Predicate<Guid> isRunning)
    {
        Guid[] domains;
        lock (_lock)
            domains = [.. _taken.Keys];
        foreach (Guid domain in domains.Where(domain => !isRunning(domain)))
            Return(domain);
    }

    private uint Choose(UserIdRange range, Guid domain)
    {
        users.CheckRange();
        HashSet<uint> taken = [.. _taken.Values];
        uint first = BitConverter.ToUInt32(domain.ToByteArray()) % range.Count;
        for (uint place = 0; place < range.Count; place++)
        {
            uint id = range.At(first + place);
            if (!taken.Contains(id) && Accounts.FindUser(id) is null && !UserProcesses.Any(id))
                return id;
        }

        throw VirtException.Create(
            VirtErrorCode.ResourceBusy, $"none of the {range.Count} user ids for guests ({range}) is free", range.ToString(),
            "Stop a guest, or let virtd have more: qemu.userIds in virtd.json, then restart virtd, which leaves guests running.");
    }
}
