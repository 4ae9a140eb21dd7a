using System.Text.Json;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>
/// The status files of running guests, in the run folder: they need to outlive virtd, not the host. Each has a twin in the folder
/// of spares, for the day when the file cannot be used.
/// </summary>
internal sealed class RunStatusStore(QemuFolders folders, ILogger logger)
{
    private const string Extension = ".status";
    private const int MaximumBytes = 4 * SafeXml.MaximumCharacters;

    private readonly StoredFiles _files = new(folders.Run, Extension, MaximumBytes, logger);
    private readonly StoredFiles _spares = new(folders.SpareStatuses, Extension, MaximumBytes, logger);

    /// <summary>Writes the status of a run: the spare first, so that it is never the older one.</summary>
    public void Save(RunStatus status)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(status, RunStatusJson.Default.RunStatus);
        try
        {
            DurableFile.WriteVolatile(SpareOf(status.Uuid), json);
        }
        finally
        {
            DurableFile.WriteVolatile(PathOf(status.Name), json);
        }
    }

    /// <summary>Forgets a run.</summary>
    public void Delete(string name, Guid uuid)
    {
        HostFile.Delete(PathOf(name));
        HostFile.Delete(SpareOf(uuid));
    }

    /// <summary>Reads all status files; what cannot be used is set aside and reported.</summary>
    public LoadedStatuses Load()
    {
        var whole = new Dictionary<Guid, RunStatus>();
        var parts = new Dictionary<Guid, StatusParts>();
        foreach (StoredFiles files in (ReadOnlySpan<StoredFiles>)[_files, _spares])
        {
            files.RemoveUnfinished();
            foreach (string path in files.List())
            {
                StatusParts? found = null;
                if (files.TryRead(path, bytes => Parse(bytes, path, out found), out _) is { } status)
                    whole.TryAdd(status.Uuid, status);
                if (found is { Uuid: { } uuid })
                    parts.TryAdd(uuid, found);
            }
        }

        return new LoadedStatuses([.. whole.Values], parts);
    }

    private string PathOf(string name)
    {
        DomainName.Check(name);
        return Path.Combine(folders.Run, name + Extension);
    }

    private string SpareOf(Guid uuid) => Path.Combine(folders.SpareStatuses, uuid.ToString("D") + Extension);

    private RunStatus Parse(byte[] bytes, string path, out StatusParts? parts)
    {
        // What is understood of a file that is not must not be lost with it.
        parts = StatusParts.TryRead(bytes);
        RunStatus status = JsonSerializer.Deserialize(bytes, RunStatusJson.Default.RunStatus) ?? throw Unusable("it is empty");
        if (status.Format != RunStatus.CurrentFormat)
            throw Unusable($"its format {status.Format} is not known");
        if (path != PathOf(status.Name) && path != SpareOf(status.Uuid))
            throw Unusable($"it is of '{status.Name}'");
        if (status.Id <= 0)
            throw Unusable($"its id is {status.Id}");
        if (status.Folder != folders.RunOf(status.Uuid))
            throw Unusable($"its folder '{status.Folder}' is not ours");
        StoredDefinition live = StoredDefinition.FromXml(status.Xml);
        return live.Name == status.Name && live.Uuid == status.Uuid ? status : throw Unusable($"its definition is of '{live.Name}'");
    }

    private static VirtException Unusable(string why) => new(VirtErrorCode.InternalError, why);
}

/// <summary>What the status files held.</summary>
/// <param name="Whole">The runs that are known, one per identity.</param>
/// <param name="Parts">What files that could not be used still told.</param>
internal sealed record LoadedStatuses(IReadOnlyList<RunStatus> Whole, IReadOnlyDictionary<Guid, StatusParts> Parts);
