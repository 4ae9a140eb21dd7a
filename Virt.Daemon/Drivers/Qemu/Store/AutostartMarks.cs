using System.Text;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>Which domains start with the host: a link in the autostart folder for each, as libvirt keeps them.</summary>
internal sealed class AutostartMarks(QemuFolders folders, DefinitionStore definitions, ILogger logger)
{
    private const int MaximumTurn = 1024;

    private const string Extension = ".xml";
    private readonly StoredFiles _turns = new(folders.Run, string.Empty, MaximumTurn, logger);

    /// <summary>The names that are marked.</summary>
    public IReadOnlySet<string> Load() =>
        Folders.List(folders.Autostart, Extension).Select(path => Path.GetFileName(path)[..^Extension.Length])
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Marks a domain or takes its mark away, durably.</summary>
    public void Set(string name, bool marked)
    {
        string target = definitions.PathOf(name);
        string link = name + Extension;
        try
        {
            using HostFolder marks = HostFolder.Open(folders.Autostart);
            marks.Delete(link);
            if (marked)
                marks.MakeLink(link, target);
            marks.Flush();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.SystemError, $"cannot write '{folders.Autostart}/{link}': {failed.Message}", name, innerException: failed);
        }
    }

    /// <summary>Whether marked domains are still to be started in this run of the host; true once, then no more.</summary>
    public bool TakeTurn()
    {
        string turn = Path.Combine(folders.Run, "autostarted");
        if (_turns.TryRead(turn, bytes => Encoding.UTF8.GetString(bytes).Trim(), out _) == ProcessIdentity.CurrentBootId)
            return false;
        try
        {
            DurableFile.WriteVolatile(turn, Encoding.UTF8.GetBytes(ProcessIdentity.CurrentBootId + "\n"));
        }
        catch (VirtException failed)
        {
            // A guest that starts once too often does less harm than one that is not there after a boot.
            HostLog.FileUnreadable(logger, turn, failed.Message);
        }

        return true;
    }
}
