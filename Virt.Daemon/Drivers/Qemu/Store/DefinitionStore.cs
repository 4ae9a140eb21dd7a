using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>The persistent definitions: one file of domain XML each, named after the domain.</summary>
internal sealed class DefinitionStore(QemuFolders folders, ILogger logger)
{
    private const string Extension = ".xml";

    /// <summary>Reads all definitions; what cannot be used is set aside and reported.</summary>
    public IReadOnlyList<StoredDefinition> Load()
    {
        foreach (string rubbish in Directory.EnumerateFiles(folders.Definitions, "*" + DurableFile.TemporaryExtension))
            File.Delete(rubbish);
        var read = new ConcurrentBag<(StoredDefinition Definition, DateTime Written)>();
        Parallel.ForEach(Directory.EnumerateFiles(folders.Definitions, "*" + Extension), path =>
        {
            if (TryRead(path) is { } definition)
                read.Add((definition, File.GetLastWriteTimeUtc(path)));
        });

        // Two files with one identity are left by a rename that was cut short: the newer one counts.
        var loaded = new Dictionary<Guid, StoredDefinition>(read.Count);
        foreach ((StoredDefinition definition, _) in read.OrderByDescending(entry => entry.Written))
        {
            if (!loaded.TryAdd(definition.Uuid, definition))
                SetAside(PathOf(definition.Name), $"its uuid belongs to '{loaded[definition.Uuid].Name}'");
        }

        return [.. loaded.Values];
    }

    /// <summary>Writes a definition, durably.</summary>
    public void Save(StoredDefinition definition) => DurableFile.Write(PathOf(definition.Name), definition.Utf8);

    /// <summary>Removes a definition, durably.</summary>
    public void Delete(string name) => DurableFile.Delete(PathOf(name));

    /// <summary>The file of a domain.</summary>
    public string PathOf(string name)
    {
        DomainName.Check(name);
        return Path.Combine(folders.Definitions, name + Extension);
    }

    private StoredDefinition? TryRead(string path)
    {
        try
        {
            string text = Encoding.UTF8.GetString(File.ReadAllBytes(path));
            StoredDefinition definition = StoredDefinition.From(DomainDefinition.Parse(text));
            if (definition.Name + Extension == Path.GetFileName(path))
                return definition;
            SetAside(path, $"it defines '{definition.Name}'");
        }
        catch (VirtException unusable)
        {
            SetAside(path, unusable.Message);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            QemuLog.FileUnreadable(logger, path, unreadable.Message);
        }

        return null;
    }

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
