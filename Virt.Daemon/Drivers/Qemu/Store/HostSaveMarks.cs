using Virt.Daemon.Hosting;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>Which domains were saved because the host shut down, and so go on when it starts: an empty file for each, with its uuid as name.</summary>
/// <param name="folder">Where these are.</param>
internal sealed class HostSaveMarks(string folder)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The domains that are marked.</summary>
    public IReadOnlySet<Guid> Load() => Folders.List(folder)
        .Select(path => Guid.TryParseExact(Path.GetFileName(path), "D", out Guid uuid) ? uuid : Guid.Empty)
        .Where(uuid => uuid != Guid.Empty).ToHashSet();

    /// <summary>Marks a domain, durably.</summary>
    /// <exception cref="Errors.VirtException"><see cref="Errors.VirtErrorCode.SystemError"/>.</exception>
    public void Add(Guid uuid)
    {
        Folders.Make(folder, Private);
        DurableFile.Write(PathOf(uuid), []);
    }

    /// <summary>Takes a domain's mark away.</summary>
    public void Remove(Guid uuid) => DurableFile.TryDelete(PathOf(uuid));

    private string PathOf(Guid uuid) => Path.Combine(folder, uuid.ToString("D"));
}
