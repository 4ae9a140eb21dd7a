using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>
/// The persistent definitions: one file of domain XML each, named after the domain. One that is being removed is called
/// <c>NAME.xml.removing-OPTIONS</c> until all that goes with it is gone, and one whose domain is being renamed <c>NAME.xml.renaming</c>
/// until that is done, so that what was cut short can be finished.
/// </summary>
internal sealed class DefinitionStore(QemuFolders folders, ILogger logger)
{
    private const string Extension = ".xml";
    private const string Removing = ".removing-";
    private const string Renaming = ".renaming";

    private readonly StoredFiles _files = new(folders.Definitions, Extension, SafeXml.MaximumCharacters, logger);

    /// <summary>Reads all definitions; what cannot be used is set aside and reported.</summary>
    public LoadedDefinitions Load()
    {
        _files.RemoveUnfinished();
        var read = new ConcurrentBag<(StoredDefinition Definition, long Written)>();
        var lost = new ConcurrentBag<string>();
        Parallel.ForEach(_files.List(), path =>
        {
            if (_files.TryRead(path, bytes => Parse(path, bytes), out bool aside) is { } definition)
                read.Add((definition, HostFile.TryLook(path)?.Modified ?? 0));
            else if (aside)
                lost.Add(Path.GetFileName(path)[..^Extension.Length]);
        });

        // Two files with one identity were put there by hand: the newer one counts.
        var loaded = new Dictionary<Guid, StoredDefinition>(read.Count);
        foreach ((StoredDefinition definition, _) in read.OrderByDescending(entry => entry.Written))
        {
            if (!loaded.TryAdd(definition.Uuid, definition))
                _files.SetAside(PathOf(definition.Name), $"its uuid belongs to '{loaded[definition.Uuid].Name}'");
        }

        IReadOnlyList<(string, StoredDefinition)> renamed = LoadRenamings(loaded);
        return new LoadedDefinitions([.. loaded.Values], renamed, LoadRemovals(), [.. lost]);
    }

    /// <summary>Whether a name has a definition.</summary>
    public bool Exists(string name) => HostFile.Exists(PathOf(name));

    /// <summary>Writes a definition, durably.</summary>
    public void Save(StoredDefinition definition) => DurableFile.Write(PathOf(definition.Name), definition.Utf8);

    /// <summary>Removes a definition, durably.</summary>
    public void Delete(string name) => DurableFile.Delete(PathOf(name));

    /// <summary>Takes a definition out of force, durably, for another under a new name; until that is there it can be brought back.</summary>
    public void BeginRenaming(string name) => DurableFile.Rename(PathOf(name), PathOf(name) + Renaming);

    /// <summary>Brings a definition back that was to be renamed.</summary>
    public void UndoRenaming(string name) => DurableFile.Rename(PathOf(name) + Renaming, PathOf(name));

    /// <summary>Forgets a definition under its former name.</summary>
    public void EndRenaming(string name) => DurableFile.Delete(PathOf(name) + Renaming);

    /// <summary>Takes a definition out of force, durably; <see cref="EndRemoval"/> follows when what goes with it is gone.</summary>
    public void BeginRemoval(string name, UndefineOptions options) => DurableFile.Rename(PathOf(name), RemovalOf(name, options));

    /// <summary>Forgets a definition that was taken out of force.</summary>
    public void EndRemoval(string name, UndefineOptions options) => DurableFile.Delete(RemovalOf(name, options));

    /// <summary>The file of a domain.</summary>
    public string PathOf(string name)
    {
        DomainName.Check(name);
        return Path.Combine(folders.Definitions, name + Extension);
    }

    private string RemovalOf(string name, UndefineOptions options) =>
        string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}{Removing}{(int)options}");

    // The definition under the new name counts as soon as it is there.
    private List<(string OldName, StoredDefinition Definition)> LoadRenamings(Dictionary<Guid, StoredDefinition> loaded)
    {
        var renamed = new List<(string, StoredDefinition)>();
        foreach (string path in Folders.List(folders.Definitions, Extension + Renaming))
        {
            string before = path[..^Renaming.Length];
            if (_files.TryRead(path, bytes => Parse(before, bytes), out _) is not { } old)
                continue;
            if (loaded.TryGetValue(old.Uuid, out StoredDefinition? counts))
                renamed.Add((old.Name, counts));
            else if (HostFile.TryLook(before) is null)
                TryUndo(old, loaded);
        }

        return renamed;
    }

    private void TryUndo(StoredDefinition old, Dictionary<Guid, StoredDefinition> loaded)
    {
        loaded.Add(old.Uuid, old);
        try
        {
            UndoRenaming(old.Name);
        }
        catch (VirtException stuck)
        {
            HostLog.FileUnreadable(logger, PathOf(old.Name), stuck.Message);
        }
    }

    private List<PendingRemoval> LoadRemovals()
    {
        var pending = new List<PendingRemoval>();
        foreach (string path in Folders.List(folders.Definitions))
        {
            int mark = path.LastIndexOf(Extension + Removing, StringComparison.Ordinal) + Extension.Length;
            if (mark >= Extension.Length && int.TryParse(path.AsSpan(mark + Removing.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int options)
                && _files.TryRead(path, bytes => Parse(path[..mark], bytes), out _) is { } definition)
                pending.Add(new PendingRemoval(definition, (UndefineOptions)options));
        }

        return pending;
    }

    private static StoredDefinition Parse(string path, byte[] bytes)
    {
        StoredDefinition definition = StoredDefinition.FromXml(Encoding.UTF8.GetString(bytes));
        return definition.Name + Extension == Path.GetFileName(path)
            ? definition
            : throw new VirtException(VirtErrorCode.XmlError, $"it defines '{definition.Name}'");
    }
}

/// <summary>What the folder of definitions held.</summary>
/// <param name="Definitions">Those in force, one per identity.</param>
/// <param name="Renamed">Definitions whose renaming was cut short, after their former names.</param>
/// <param name="Removals">Removals that were cut short.</param>
/// <param name="Lost">Names whose definition could not be used and was set aside.</param>
internal sealed record LoadedDefinitions(
    IReadOnlyList<StoredDefinition> Definitions, IReadOnlyList<(string OldName, StoredDefinition Definition)> Renamed,
    IReadOnlyList<PendingRemoval> Removals, IReadOnlyList<string> Lost);

/// <summary>A removal that was cut short.</summary>
/// <param name="Definition">What is removed.</param>
/// <param name="Options">What goes with it.</param>
internal sealed record PendingRemoval(StoredDefinition Definition, UndefineOptions Options);
