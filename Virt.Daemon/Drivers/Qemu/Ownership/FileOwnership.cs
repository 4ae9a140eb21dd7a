using Microsoft.Extensions.Logging;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>
/// Lets the users of guests have the files they need, while they run: what one alone writes becomes its own, what several have each of
/// them may read, or write. What a user may already is left alone, unless other guests could do it too. A file that several have goes
/// back with the last. Whose files were is written down before anything is changed, so that they go back whatever happens in between.
/// </summary>
internal sealed class FileOwnership(QemuConfig config, OwnerStore store, IReadOnlyList<string> ownFolders, ILogger logger, UserIdRange? guests = null)
{
    private const int LockCount = 64;

    // A file system that does not answer holds one of these, not the others.
    private readonly Lock[] _files = [.. Enumerable.Range(0, LockCount).Select(_ => new Lock())];
    private readonly HeldFiles _held = new();

    /// <summary>Reads what earlier daemons wrote down.</summary>
    public void Load()
    {
        foreach ((Guid domain, OwnerNotes notes) in store.Load())
        {
            bool sameBoot = notes.BootId == ProcessIdentity.CurrentBootId;
            foreach (HeldFile file in notes.Files)
                _held.Add(domain, sameBoot ? file : Found(file));
        }
    }

    /// <summary>Hands back what belongs to no guest that runs: the host stopped with it, or its status is lost.</summary>
    public void ReleaseUnless(Predicate<Guid> isRunning)
    {
        foreach (Guid domain in _held.Domains().Where(domain => !isRunning(domain)))
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

    /// <summary>The users that have something, and the guests they are of.</summary>
    public IReadOnlyList<(Guid Domain, uint User)> Users() => _held.Users();

    /// <summary>Whether a guest has something.</summary>
    public bool Has(Guid domain) => _held.Of(domain).Length > 0;

    /// <summary>Gives files to a part of a guest, or lets it read them.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="holder">Its part.</param>
    /// <param name="files">The files.</param>
    /// <param name="user">Its user.</param>
    /// <exception cref="VirtException">One cannot or must not be had; the message names it and what to do.</exception>
    public void Take(Guid domain, string holder, IReadOnlyList<GuestFile> files, QemuUser user)
    {
        var taken = new List<HeldFile>();
        foreach (GuestFile file in files)
        {
            if (file.IsMade)
                GuestFileMaker.Make(file, user);
            if (file.IsGiven && Add(domain, holder, file, user) is { } held)
                taken.Add(held);
        }

        if (taken.Count > 0)
        {
            store.Write(domain, _held.Of(domain));
            bool all = true;
            foreach (HeldFile held in taken)
                all &= TryApply(domain, held, user);
            // What cannot be changed does not go back either.
            if (!all)
                store.Write(domain, _held.Of(domain));
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
        HeldFile[] gone = [.. _held.Of(domain).Where(file => (holder is null || file.Holder == holder) && except?.Contains(file.Path) != true)];
        if (gone.Length == 0)
            return;
        foreach (HeldFile file in gone)
            Return(domain, file);
        store.Write(domain, _held.Of(domain));
    }

    private HeldFile? Add(Guid domain, string holder, GuestFile file, QemuUser user)
    {
        using HostPath? found = HostPath.Find(file.Path, LinkRule.Reported);
        if (found is null)
            return null;
        var key = FileKey.Of(found.Status);
        lock (LockOf(key))
        {
            FileNeed need = NeedOf(file, found.Status.Kind);
            HeldFile[] holders = _held.Holders(key);
            HeldFile? other = holders.FirstOrDefault();
            // What a guest alone writes others must not reach, whatever the file's permissions let them.
            bool mayAlready = !(user.IsOwn && need == FileNeed.Write) && UserRights.Ask(user, found.File, FileReach.RightOf(need)) == 0;
            if (other is null && (!config.DynamicOwnership || mayAlready))
                return null;
            if (holders.FirstOrDefault(rival => rival.GuestUser != user.User && Excludes(rival.Need, need)) is { } writer)
                throw InUse(file, writer);
            other ??= Original(holder, file, FileOwnerState.Of(found.File), key, user);
            FileTrust.Check(file, found, other.User, ownFolders);
            HeldFile held = other with { Holder = holder, Path = file.Path, GuestUser = user.User, GuestGroup = user.Group, Need = need };
            _held.Replace(domain, held);
            return held;
        }
    }

    // Where others keep the files, as on NFS, root may not change their owner, and whoever serves them says who may write.
    private bool TryApply(Guid domain, HeldFile held, QemuUser user)
    {
        try
        {
            Apply(held.Key);
            return true;
        }
        catch (Exception failed) when (failed is VirtException or IOException or UnauthorizedAccessException
            && user.IsOwn && UserRights.Ask(user, held.Path, FileReach.RightOf(held.Need)) == 0)
        {
            QemuLog.LeftOpen(logger, held.Path, failed.Message);
            _held.Remove(domain, held);
            return false;
        }
    }

    private HeldFile Original(string holder, GuestFile file, FileOwnerState state, FileKey key, QemuUser user)
    {
        // What a guest made itself, or what lost its note, does not go back to a user that is another guest's by then.
        bool goesBack = config.RememberOwner && guests?.Has(state.User) != true;
        return new HeldFile(
            holder, file.Path, key.Device, key.Inode, goesBack ? state.User : 0, goesBack ? state.Group : 0, state.Mode, user.User, user.Group, file.Need)
        {
            Acl = state.Acl,
        };
    }

    // Devices of the host, and sockets of its services, are many guests' at once.
    private static FileNeed NeedOf(GuestFile file, FileKind kind) =>
        file.Need == FileNeed.Write && kind is not (FileKind.File or FileKind.BlockDevice) ? FileNeed.Share : file.Need;

    private static bool Excludes(FileNeed one, FileNeed other) =>
        (one == FileNeed.Write && other != FileNeed.Read) || (other == FileNeed.Write && one != FileNeed.Read);

    private void Return(Guid domain, HeldFile file)
    {
        lock (LockOf(file.Key))
        {
            if (!_held.Remove(domain, file))
                return;
            try
            {
                Apply(file.Key, file);
            }
            catch (Exception failed) when (failed is VirtException or IOException or UnauthorizedAccessException)
            {
                QemuLog.NotReturned(logger, file.Path, failed.Message);
                // It is still the guest's user's, who must not become another guest's. The next daemon tries again.
                _held.Add(domain, file);
            }
        }
    }

    /// <summary>Brings a file into the state that those who have it want.</summary>
    /// <param name="key">The file.</param>
    /// <param name="gone">Who has it no more; null when somebody has got it. One that is as nobody here made it is then left alone.</param>
    private void Apply(FileKey key, HeldFile? gone = null)
    {
        lock (LockOf(key))
        {
            HeldFile[] holders = _held.Holders(key);
            HeldFile? any = holders.Length > 0 ? holders[0] : gone;
            if (any is null)
                return;
            using HostPath? found = HostPath.Find(any.Path, LinkRule.Reported);
            // Another file has taken its name: that one was never ours.
            if (found is null || FileKey.Of(found.Status) != key)
                return;
            if (gone is not null && !HeldFile.IsKnown(FileOwnerState.Of(found.File), [.. holders, gone]))
                return;
            int error = HeldFile.Wanted(any, holders).Set(found.File);
            if (error == FileAcl.NotKept)
                error = (HeldFile.WantedWithoutList(any, holders) ?? throw OfOneOnly(any.Path)).Set(found.File);
            if (error != 0)
                throw Unchangeable(any.Path, error);
        }
    }

    private static VirtException OfOneOnly(string path) => VirtException.Create(
        VirtErrorCode.ConfigurationUnsupported,
        $"several guests cannot have '{path}' at once: each is a user of its own, and that file system keeps no access control lists", path,
        "Let all of them: chmod o+r; or let them by a group (qemu.group in virtd.json), or run all guests as one user (qemu.user).");

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

    private Lock LockOf(FileKey key) => _files[(uint)key.GetHashCode() % LockCount];

    private static VirtException InUse(GuestFile file, HeldFile other) => VirtException.Create(
        VirtErrorCode.OperationFailed, $"the {file.What} '{file.Path}' is in use by another guest, of the user {other.GuestUser}", file.Path,
        "Stop that guest first. Guests that are made for it can have a disk at once: write <shareable/> into the disk of each.");
}
