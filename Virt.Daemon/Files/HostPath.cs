using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Files;

/// <summary>Whose symbolic links are followed.</summary>
internal enum LinkRule
{
    /// <summary>Those of root and of the daemon's user, in folders in which nobody else can put one.</summary>
    Trusted,

    /// <summary>Anybody's; the caller looks at <see cref="HostPath.Linkers"/> before it does anything.</summary>
    Reported,
}

/// <summary>
/// A path walked one name at a time, each by the descriptor of its folder, so that nobody can change what it leads to between a look
/// and a deed. It ends at a descriptor that stands for the file alone (O_PATH): nothing was opened yet.
/// </summary>
internal sealed class HostPath : IDisposable
{
    private const int MaximumLinks = 40;
    private const int OthersWrite = 0x12;
    private const int Sticky = 0x200;

    private readonly HashSet<uint> _linkers = [];

    private HostPath(SafeFileHandle root) => (File, Status, Folder, IsPrivate) = (root, FileStatus.Of(root), FileStatus.Of(root), true);

    /// <summary>The file.</summary>
    public SafeFileHandle File { get; private set; }

    /// <summary>What it is.</summary>
    public FileStatus Status { get; private set; }

    /// <summary>The folder it lies in.</summary>
    public FileStatus Folder { get; private set; }

    /// <summary>Who made the symbolic links on the way, but for those that are trusted.</summary>
    public IReadOnlySet<uint> Linkers => _linkers;

    /// <summary>Whether nobody but root and the daemon's user can change what the path leads to.</summary>
    public bool IsPrivate { get; private set; }

    /// <summary>The path without links, as the kernel knows it.</summary>
    public string RealPath => System.IO.File.ResolveLinkTarget(OpenCalls.PathOf(File), returnFinalTarget: false)?.FullName ?? "";

    /// <summary>Walks a path; null when there is no such file.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="rule">Which links are followed.</param>
    /// <exception cref="UnsuitableFileException">It leads through a link that is not followed.</exception>
    /// <exception cref="IOException">It cannot be walked.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be walked.</exception>
    public static HostPath? Find(string path, LinkRule rule = LinkRule.Trusted)
    {
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
            throw new UnsuitableFileException($"'{path}' is not an absolute path");
        var walk = new HostPath(OpenCalls.OpenRoot());
        try
        {
            if (walk.Follow(path, rule))
                return walk;
        }
        catch
        {
            walk.Dispose();
            throw;
        }

        walk.Dispose();
        return null;
    }

    /// <summary>What a path names itself, not what a link there leads to; null when there is nothing, or it is out of reach.</summary>
    public static SafeFileHandle? TryOpen(string path)
    {
        string name = Path.GetFileName(path);
        if (name.Length == 0)
            return OpenCalls.OpenRoot();
        try
        {
            using HostPath? folder = Find(Path.GetDirectoryName(path)!, LinkRule.Reported);
            return folder is null ? null : OpenCalls.TryOpen(folder.File, name, OpenCalls.PathOnly, 0, out _);
        }
        catch (Exception unreachable) when (unreachable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Hands the descriptor to the caller, who disposes it.</summary>
    public SafeFileHandle Release()
    {
        (SafeFileHandle file, File) = (File, new SafeFileHandle());
        return file;
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    /// <summary>Whether a link that lies in a folder can only be root's or the daemon's own.</summary>
    private static bool IsTrusted(FileStatus link, FileStatus folder) =>
        IsOwn(link.User) && IsOwn(folder.User)
        && ((folder.Mode & OthersWrite) == 0 || ((folder.Mode & Sticky) != 0 && link.Links == 1));

    /// <summary>Whether nobody else can put something else in the place of what is in a folder.</summary>
    private static bool Holds(FileStatus folder, FileStatus inner) =>
        IsOwn(folder.User) && ((folder.Mode & OthersWrite) == 0 || ((folder.Mode & Sticky) != 0 && IsOwn(inner.User)));

    private static bool IsOwn(uint user) => user == 0 || user == Accounts.Own;

    private static IEnumerable<string> Names(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").Reverse();

    private bool Follow(string path, LinkRule rule)
    {
        var names = new Stack<string>(Names(path));
        int links = 0;
        while (names.TryPop(out string? name))
        {
            if (TryStep(name, wantsFolder: names.Count > 0, path) is not { } next)
                return false;
            FileStatus status = FileStatus.Of(next);
            if (status.Kind != FileKind.Link)
            {
                MoveTo(next, status);
                continue;
            }

            string? target;
            using (next)
                target = OpenCalls.ReadLink(next);
            if (target is null || ++links > MaximumLinks)
                throw new UnsuitableFileException($"'{path}' has too many symbolic links");
            if (!IsTrusted(status, Status))
            {
                if (rule == LinkRule.Trusted)
                    throw new UnsuitableFileException($"'{path}' leads through the symbolic link '{name}' of the user {status.User}, which is not followed");
                _linkers.Add(status.User);
            }

            IsPrivate &= Holds(Status, status);
            foreach (string part in Names(target))
                names.Push(part);
            if (target.StartsWith('/'))
                MoveTo(OpenCalls.OpenRoot(), null);
        }

        return true;
    }

    // Asked for as a folder, one that is mounted when it is used is mounted.
    private SafeFileHandle? TryStep(string name, bool wantsFolder, string path)
    {
        if (wantsFolder && OpenCalls.TryOpen(File, name, OpenCalls.PathOnly | OpenCalls.FolderOnly, 0, out _) is { } folder)
            return folder;
        return OpenCalls.TryOpen(File, name, OpenCalls.PathOnly, 0, out int error)
            ?? (FileErrors.IsMissing(error) ? null : throw FileErrors.Of(error, path));
    }

    private void MoveTo(SafeFileHandle next, FileStatus? status)
    {
        FileStatus reached = status ?? FileStatus.Of(next);
        // From a link back to the root nothing is entered.
        IsPrivate &= status is null || Holds(Status, reached);
        Folder = status is null ? reached : Status;
        File.Dispose();
        (File, Status) = (next, reached);
    }
}
