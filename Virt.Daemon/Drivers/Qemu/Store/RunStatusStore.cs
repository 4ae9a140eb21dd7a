using System.Text.Json;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>The status files of running guests, in the run folder: they need to outlive virtd, not the host.</summary>
internal sealed class RunStatusStore(QemuFolders folders, ILogger logger)
{
    private const string Extension = ".status";

    /// <summary>Writes the status of a run.</summary>
    public void Save(RunStatus status) =>
        DurableFile.WriteVolatile(PathOf(status.Name), JsonSerializer.SerializeToUtf8Bytes(status, RunStatusJson.Default.RunStatus));

    /// <summary>Forgets a run.</summary>
    public void Delete(string name) => File.Delete(PathOf(name));

    /// <summary>Reads all status files; what cannot be used is set aside and reported.</summary>
    public IReadOnlyList<RunStatus> Load()
    {
        foreach (string rubbish in Directory.EnumerateFiles(folders.Run, "*" + DurableFile.TemporaryExtension))
            File.Delete(rubbish);
        return [.. Directory.EnumerateFiles(folders.Run, "*" + Extension).Select(TryRead).OfType<RunStatus>()];
    }

    private string PathOf(string name)
    {
        DomainName.Check(name);
        return Path.Combine(folders.Run, name + Extension);
    }

    private RunStatus? TryRead(string path)
    {
        try
        {
            RunStatus? status = JsonSerializer.Deserialize(File.ReadAllBytes(path), RunStatusJson.Default.RunStatus);
            string? fault = Fault(status, path);
            if (fault is null)
                return status;
            SetAside(path, fault);
        }
        catch (JsonException torn)
        {
            SetAside(path, torn.Message);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            QemuLog.FileUnreadable(logger, path, unreadable.Message);
        }

        return null;
    }

    private string? Fault(RunStatus? status, string path) => status switch
    {
        null => "it is empty",
        { Format: not RunStatus.CurrentFormat } => $"its format {status.Format} is not known",
        _ when status.Name + Extension != Path.GetFileName(path) => $"it is of '{status.Name}'",
        _ when status.Id <= 0 => $"its id is {status.Id}",
        _ when status.Folder != folders.RunOf(status.Uuid) => $"its folder '{status.Folder}' is not ours",
        _ => null,
    };

    private void SetAside(string path, string reason)
    {
        try
        {
            QemuLog.FileSetAside(logger, path, reason, DurableFile.SetAside(path));
        }
        catch (Exception stuck) when (stuck is IOException or UnauthorizedAccessException)
        {
            QemuLog.FileUnreadable(logger, path, $"{reason}; {stuck.Message}");
        }
    }
}
