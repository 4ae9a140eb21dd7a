using Microsoft.Extensions.Logging;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>
/// Lets the user of guests have the files they need, while they run: what is written becomes its own, what is only read it may read.
/// What it may already is left alone. A file that several have goes back with the last. Whose files were is written down before
/// anything is changed, so that they go back whatever happens in between.
/// </summary>
internal sealed class FileOwnership(QemuConfig config, OwnerStore store, IReadOnlyList<string> ownFolders, ILogger logger)
{
    private const int LockCount = 64;

    // A file system that does not answer holds one of these, not the others.
    private readonly Lock[] _files = [.. Enumerable.Range(0, LockCount).Select(_ => new Lock())];
    private readonly Lock _index = new();
    private readonly Dictionary<Guid, List<HeldFile>> _held = [];

    /// <summary>Reads what earlier daemons wrote down.</summary>
    public void Load()
    {
        foreach ((Guid domain, OwnerNotes notes) in store.Load())
        {
            bool sameBoot = notes.BootId == ProcessIdentity.CurrentBootId;
            lock (_index)
                _held[domain] = [.. notes.Files.Select(file => sameBoot ? file : Found(file))];
        }
    }

    /// <summary>Hands back what belongs to no guest that runs: the host stopped with it, or its status is lost.</summary>
    public void ReleaseUnless(Predicate<Guid> isRunning)
    {
        foreach (Guid domain in Domains().Where(domain => !isRunning(domain)))
        {
            try
            {
                Release(domain);
            }
            catch (VirtException failed)
            {
                QemuLog.NotReturned(logger, domain.ToString("D"), failed.Message);
            }
        }
    }

    /// <summary>Gives files to a part of a guest, or lets it read them.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="holder">Its part.</param>
    /// <param name="files">The files.</param>
    /// <param name="user">Its user.</param>
    /// <exception cref="VirtException">One cannot or must not be had; the message names it and what to do.</exception>
    public void Take(Guid domain, string holder, IReadOnlyList<GuestFile> files, QemuUser user)
    {
        var taken = new List<FileKey>();
        foreach (GuestFile file in files)
        {
            if (file.IsMade)
                GuestFileMaker.Make(file, user);
            if (file.IsGiven && Add(domain, holder, file, user) is { } key)
                taken.Add(key);
        }

        if (taken.Count > 0)
        {
            store.Write(domain, Of(domain));
            foreach (FileKey key in taken)
                Apply(key, before: null);
        }

        foreach (GuestFile file in files)
            FileReach.Check(file, user);
    }

    /// <summary>Hands back what a part of a guest has.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="holder">Its part; null for all of the guest.</param>
    /// <param name="except">Paths that it keeps; null for none.</param>
    public void Release(Guid domain, string? holder = null, IReadOnlySet<string>? except = null)
    {
        HeldFile[] gone;
        lock (_index)
        {
            gone = [.. Of(domain).Where(file => (holder is null || file.Holder == holder) && except?.Contains(file.Path) != true)];
        }

        if (gone.Length == 0)
            return;
        foreach (HeldFile file in gone)
            Return(domain, file);
        store.Write(domain, Of(domain));
    }

    private FileKey? Add(Guid domain, string holder, GuestFile file, QemuUser user)
    {
        using HostPath? found = HostPath.Find(file.Path, LinkRule.Reported);
        if (found is null)
            return null;
        var key = FileKey.Of(found.Status);
        lock (LockOf(key))
        {
            var status = FileStatus.Of(found.File);
            HeldFile? other = Holders(key).FirstOrDefault();
            if (other is null && (!config.DynamicOwnership || UserRights.Ask(user, found.File, Right(file.Need)) == 0))
                return null;
            if (other is not null && file.Need == FileNeed.Write && other.GuestUser != user.User)
                throw InUse(file, other);
            if (other is null)
                other = Original(holder, file, status, user);
            FileTrust.Check(file, found, other.User, ownFolders);
            HeldFile held = other with { Holder = holder, Path = file.Path, GuestUser = user.User, GuestGroup = user.Group, Need = file.Need };
            lock (_index)
            {
                if (!_held.TryGetValue(domain, out List<HeldFile>? list))
                    _held[domain] = list = [];
                list.RemoveAll(before => before.Holder == holder && before.Key == key && before.Need <= file.Need);
                list.Add(held);
            }

            return key;
        }
    }

    private HeldFile Original(string holder, GuestFile file, FileStatus status, QemuUser user) => new(
        holder, file.Path, status.Device, status.Inode, config.RememberOwner ? status.User : 0, config.RememberOwner ? status.Group : 0, status.Mode,
        user.User, user.Group, file.Need);

    private void Return(Guid domain, HeldFile file)
    {
        lock (LockOf(file.Key))
        {
            FileOwnerState before;
            lock (_index)
            {
                before = HeldFile.Wanted(file, Holders(file.Key));
                if (!_held.TryGetValue(domain, out List<HeldFile>? list) || !list.Remove(file))
                    return;
                if (list.Count == 0)
                    _held.Remove(domain);
            }

            try
            {
                Apply(file.Key, before, file);
            }
            catch (Exception failed) when (failed is VirtException or IOException or UnauthorizedAccessException)
            {
                QemuLog.NotReturned(logger, file.Path, failed.Message);
            }
        }
    }

    /// <summary>Brings a file into the state that those who have it want.</summary>
    /// <param name="key">The file.</param>
    /// <param name="before">How it must be to be touched at all; null for however it is.</param>
    /// <param name="last">Who had it last; null when somebody has it.</param>
    private void Apply(FileKey key, FileOwnerState? before, HeldFile? last = null)
    {
        lock (LockOf(key))
        {
            HeldFile[] holders = Holders(key);
            HeldFile? any = holders.Length > 0 ? holders[0] : last;
            if (any is null)
                return;
            using HostPath? found = HostPath.Find(any.Path, LinkRule.Reported);
            // Another file has taken its name: that one was never ours.
            if (found is null || FileKey.Of(found.Status) != key)
                return;
            var now = FileOwnerState.Of(found.Status);
            FileOwnerState wanted = HeldFile.Wanted(any, holders);
            if (now == wanted || (before is { } ours && (now.User, now.Group) != (ours.User, ours.Group)))
                return;
            // On the way back the owner is last: should it not come to that, the file is still known for one of ours.
            if (before is not null && now.Mode != wanted.Mode)
                FileOwner.SetMode(found.File, (UnixFileMode)wanted.Mode);
            int error = (now.User, now.Group) == (wanted.User, wanted.Group) ? 0 : FileOwner.Set(found.File, wanted.User, wanted.Group);
            if (error != 0)
                throw Unchangeable(any.Path, error);
            if (before is null && FileStatus.Of(found.File).Mode != wanted.Mode)
                FileOwner.SetMode(found.File, (UnixFileMode)wanted.Mode);
        }
    }

    private static VirtException Unchangeable(string path, int error) => LibC.Error(
        error, $"the owner of '{path}' cannot be changed", path,
        "On storage that does not allow it, give QEMU's user the rights yourself and set qemu.dynamicOwnership to false.");

    // After a restart of the host file systems may have other numbers.
    private static HeldFile Found(HeldFile file)
    {
        try
        {
            using HostPath? found = HostPath.Find(file.Path, LinkRule.Reported);
            return found is not null && found.Status.Inode == file.Inode ? file with { Device = found.Status.Device } : file;
        }
        catch (Exception unreachable) when (unreachable is IOException or UnauthorizedAccessException)
        {
            return file;
        }
    }

    private Guid[] Domains()
    {
        lock (_index)
            return [.. _held.Keys];
    }

    private HeldFile[] Of(Guid domain)
    {
        lock (_index)
            return _held.TryGetValue(domain, out List<HeldFile>? list) ? [.. list] : [];
    }

    private HeldFile[] Holders(FileKey key)
    {
        lock (_index)
            return [.. _held.Values.SelectMany(list => list).Where(file => file.Key == key)];
    }

    private Lock LockOf(FileKey key) => _files[(uint)key.GetHashCode() % LockCount];

    private static int Right(FileNeed need) => need == FileNeed.Write ? UserRights.Read | UserRights.Write : UserRights.Read;

    private static VirtException InUse(GuestFile file, HeldFile other) => VirtException.Create(
        VirtErrorCode.OperationFailed, $"the {file.What} '{file.Path}' is in use by a guest of the user {other.GuestUser}", file.Path,
        "Stop that guest first: it was started with another qemu.user.");
}
