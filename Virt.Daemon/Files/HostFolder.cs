using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Files;

/// <summary>
/// A folder held by its descriptor, and what can be done with the names in it. No name is followed if it is a link: what is opened,
/// made, removed or renamed lies in this folder, whatever others do meanwhile.
/// </summary>
internal sealed class HostFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private HostFolder(SafeFileHandle handle, string path, bool isPrivate) => (Handle, Path, IsPrivate) = (handle, path, isPrivate);

    /// <summary>A descriptor that stands for it.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>What it was called when it was opened; for errors.</summary>
    public string Path { get; }

    /// <summary>Whether nobody but root and the daemon's user can put another folder in its place.</summary>
    public bool IsPrivate { get; }

    /// <summary>Whose it is, and more.</summary>
    public FileStatus Status => FileStatus.Of(Handle);

    /// <summary>Opens a folder.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="rule">Which links are followed on the way.</param>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    /// <exception cref="UnsuitableFileException">The path leads through a link that is not followed.</exception>
    public static HostFolder Open(string path, LinkRule rule = LinkRule.Trusted) =>
        TryOpen(path, rule) ?? throw new DirectoryNotFoundException($"there is no folder '{path}'");

    /// <summary>Opens a folder; null when there is none.</summary>
    public static HostFolder? TryOpen(string path, LinkRule rule = LinkRule.Trusted)
    {
        using HostPath? found = HostPath.Find(path, rule);
        if (found is null || found.Status.Kind != FileKind.Folder)
            return null;
        return Of(found, path);
    }

    /// <summary>Takes over what a walk has found; the caller has looked at whose links led there.</summary>
    public static HostFolder Of(HostPath found, string path) => found.Status.Kind == FileKind.Folder
        ? new HostFolder(found.Release(), path, found.IsPrivate)
        : throw new DirectoryNotFoundException($"'{path}' is {FileErrors.Name(found.Status.Kind)}, not a folder");

    /// <summary>Opens the folder a path lies in, and tells the last name.</summary>
    public static HostFolder OpenParent(string path, out string name, LinkRule rule = LinkRule.Trusted)
    {
        string whole = path.TrimEnd('/');
        name = System.IO.Path.GetFileName(whole);
        Check(name);
        return Open(System.IO.Path.GetDirectoryName(whole)!, rule);
    }

    /// <summary>Opens a folder in it; null when there is none of that name.</summary>
    public HostFolder? TryEnter(string name)
    {
        Check(name);
        SafeFileHandle? inner = OpenCalls.TryOpen(Handle, name, OpenCalls.PathOnly | OpenCalls.FolderOnly, 0, out int error);
        if (inner is null && !FileErrors.IsMissing(error) && error != FileErrors.IsLink)
            throw FileErrors.Of(error, PathOf(name));
        return inner is null ? null : new HostFolder(inner, PathOf(name), IsPrivate);
    }

    /// <summary>A descriptor that stands for what has a name, a link too; null when nothing has.</summary>
    public SafeFileHandle? TryFind(string name)
    {
        Check(name);
        return OpenCalls.TryOpen(Handle, name, OpenCalls.PathOnly, 0, out int error)
            ?? (FileErrors.IsMissing(error) ? null : throw FileErrors.Of(error, PathOf(name)));
    }

    /// <summary>What has a name; null when nothing has.</summary>
    public FileStatus? Find(string name)
    {
        using SafeFileHandle? found = TryFind(name);
        return found is null ? null : FileStatus.Of(found);
    }

    /// <summary>Opens a file to read it; nothing else is opened.</summary>
    public SafeFileHandle OpenRead(string name) => Reopen(name, OpenCalls.ReadOnly);

    /// <summary>Opens a file to read and write it; nothing else is opened.</summary>
    public SafeFileHandle OpenWrite(string name) => Reopen(name, OpenCalls.ReadWrite);

    /// <summary>Makes a file that must not be there, to read and write it.</summary>
    public SafeFileHandle Create(string name, UnixFileMode mode = OwnerOnly) =>
        Open(name, OpenCalls.ReadWrite | OpenCalls.Create | OpenCalls.Exclusive, mode);

    /// <summary>Makes a file that must not be there, for its owner alone, by a descriptor that can only write it.</summary>
    public SafeFileHandle CreateForWriting(string name) => Open(name, OpenCalls.WriteOnly | OpenCalls.Create | OpenCalls.Exclusive, OwnerOnly);

    /// <summary>Opens a file, or makes it, so that every write lands at its end.</summary>
    public SafeFileHandle Append(string name, UnixFileMode mode = OwnerOnly)
    {
        const int flags = OpenCalls.WriteOnly | OpenCalls.Create | OpenCalls.Append | OpenCalls.NonBlocking;
        SafeFileHandle file = Open(name, flags, mode);
        if (FileStatus.Of(file).Kind is FileKind.File or FileKind.CharacterDevice)
            return file;
        using (file)
            throw FileErrors.NotFile(FileStatus.Of(file).Kind, PathOf(name));
    }

    /// <summary>Makes a folder that must not be there, and opens it.</summary>
    public HostFolder Make(string name, UnixFileMode mode)
    {
        Check(name);
        if (OpenCalls.MakeFolder(Handle, name, mode) is not 0 and var error)
            throw FileErrors.Of(error, PathOf(name));
        return TryEnter(name) ?? throw new DirectoryNotFoundException($"there is no folder '{PathOf(name)}'");
    }

    /// <summary>Removes a name that is no folder's; false when there is none.</summary>
    public bool Delete(string name)
    {
        Check(name);
        int error = OpenCalls.Remove(Handle, name, isFolder: false);
        return error == 0 || (FileErrors.IsMissing(error) ? false : throw FileErrors.Of(error, PathOf(name)));
    }

    /// <summary>Gives a file or folder another name.</summary>
    public void Rename(string name, HostFolder target, string newName, bool replace = true)
    {
        Check(name);
        Check(newName);
        if (OpenCalls.Rename(Handle, name, target.Handle, newName, replace) is not 0 and var error)
            throw FileErrors.Of(error, error == FileErrors.Exists ? target.PathOf(newName) : PathOf(name));
    }

    /// <summary>Gives a file a second name, which nothing may have.</summary>
    public void Link(string name, HostFolder target, string newName)
    {
        Check(name);
        Check(newName);
        if (OpenCalls.Link(Handle, name, target.Handle, newName) is not 0 and var error)
            throw FileErrors.Of(error, target.PathOf(newName));
    }

    /// <summary>Makes a symbolic link with a name that nothing may have.</summary>
    public void MakeLink(string name, string leadsTo)
    {
        Check(name);
        if (OpenCalls.SymbolicLink(leadsTo, Handle, name) is not 0 and var error)
            throw FileErrors.Of(error, PathOf(name));
    }

    /// <summary>The names in it.</summary>
    public IReadOnlyList<string> List() => [.. Directory.EnumerateFileSystemEntries(OpenCalls.PathOf(Handle)).Select(path => System.IO.Path.GetFileName(path))];

    /// <summary>Makes what was made, renamed or removed in it durable.</summary>
    public void Flush()
    {
        using SafeFileHandle readable = OpenCalls.TryReopen(Handle, OpenCalls.ReadOnly | OpenCalls.FolderOnly, out int error) ?? throw FileErrors.Of(error, Path);
        HostFile.Flush(readable, Path);
    }

    /// <summary>The path of a name in it; for errors.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static void Check(string name)
    {
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            throw new UnsuitableFileException($"'{name}' is not the name of a file");
    }

    private SafeFileHandle Open(string name, int flags, UnixFileMode mode)
    {
        Check(name);
        return OpenCalls.TryOpen(Handle, name, flags, mode, out int error) ?? throw FileErrors.Of(error, PathOf(name));
    }

    private SafeFileHandle Reopen(string name, int flags)
    {
        using SafeFileHandle found = TryFind(name) ?? throw FileErrors.Of(FileErrors.NoEntry, PathOf(name));
        return HostFile.Reopen(found, flags, PathOf(name));
    }
}
