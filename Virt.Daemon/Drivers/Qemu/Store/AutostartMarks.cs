using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>Which domains start with the host: a link in the autostart folder for each, as libvirt keeps them.</summary>
internal sealed class AutostartMarks(QemuFolders folders, DefinitionStore definitions)
{
    private const string Extension = ".xml";

    /// <summary>The names that are marked.</summary>
    public IReadOnlySet<string> Load() =>
        Directory.EnumerateFileSystemEntries(folders.Autostart, "*" + Extension).Select(path => Path.GetFileName(path)[..^Extension.Length])
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Marks a domain or takes its mark away, durably.</summary>
    public void Set(string name, bool marked)
    {
        string target = definitions.PathOf(name);
        string link = Path.Combine(folders.Autostart, name + Extension);
        try
        {
            File.Delete(link);
            if (marked)
                File.CreateSymbolicLink(link, target);
            Folders.Flush(folders.Autostart);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.SystemError, $"cannot write '{link}': {failed.Message}", name, innerException: failed);
        }
    }

    /// <summary>Whether marked domains are still to be started in this run of the host; true once, then no more.</summary>
    public bool TakeTurn()
    {
        string turn = Path.Combine(folders.Run, "autostarted");
        if (File.Exists(turn) && File.ReadAllText(turn).Trim() == ProcessIdentity.CurrentBootId)
            return false;
        DurableFile.WriteVolatile(turn, System.Text.Encoding.UTF8.GetBytes(ProcessIdentity.CurrentBootId + "\n"));
        return true;
    }
}
