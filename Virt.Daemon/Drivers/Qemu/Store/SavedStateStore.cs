using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>Managed saves: one file per domain, there whole or not at all.</summary>
internal sealed class SavedStateStore(QemuFolders folders)
{
    private const string Extension = ".save";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whether a domain has one.</summary>
    public bool Exists(string name) => File.Exists(PathOf(name));

    /// <summary>Removes what a save that was cut short has left.</summary>
    public void Clean()
    {
        foreach (string rubbish in Directory.EnumerateFiles(folders.SavedStates, "*" + DurableFile.TemporaryExtension))
            DurableFile.TryDelete(rubbish);
    }

    /// <summary>Opens a file to save to; it counts once <see cref="Complete"/> has been called.</summary>
    public SafeFileHandle Create(string name) => Guard(name, () =>
    {
        SafeFileHandle file = File.OpenHandle(PartialOf(name), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        File.SetUnixFileMode(file, OwnerOnly);
        return file;
    });

    /// <summary>Makes what was saved durable and valid.</summary>
    public void Complete(string name, SafeFileHandle file) => Guard(name, () =>
    {
        RandomAccess.FlushToDisk(file);
        File.Move(PartialOf(name), PathOf(name), overwrite: true);
        Folders.Flush(folders.SavedStates);
        return true;
    });

    /// <summary>Opens what has been written of a save.</summary>
    public SafeFileHandle OpenPartial(string name) => Guard(name, () => HostFile.OpenRead(PartialOf(name)));

    /// <summary>Gives up a save.</summary>
    public void Abandon(string name) => File.Delete(PartialOf(name));

    /// <summary>Opens a managed save to restore from.</summary>
    public SafeFileHandle Open(string name) => Guard(name, () =>
        HostFile.OpenRead(PathOf(name)));

    /// <summary>Where a domain's managed save is.</summary>
    public string PathOf(string name)
    {
        DomainName.Check(name);
        return Path.Combine(folders.SavedStates, name + Extension);
    }

    /// <summary>Removes a managed save, durably.</summary>
    public void Delete(string name) => DurableFile.Delete(PathOf(name));

    private string PartialOf(string name) => PathOf(name) + DurableFile.TemporaryExtension;

    private static T Guard<T>(string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the saved state of '{name}' cannot be written or read: {failed.Message}", name,
                "Look at the space and the permissions there.", failed);
        }
    }
}
