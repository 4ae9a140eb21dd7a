using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>What a guest's files were before it got them.</summary>
/// <param name="Format">The format of this file: 1.</param>
/// <param name="BootId">The boot in which it got them.</param>
/// <param name="Files">The files.</param>
internal sealed record OwnerNotes(int Format, string BootId, IReadOnlyList<HeldFile> Files)
{
    /// <summary>The format this version writes.</summary>
    public const int CurrentFormat = 1;
}

/// <summary>Keeps, one file a guest, whose its files were; durably, as the files themselves stay changed when the host stops.</summary>
internal sealed class OwnerStore(string folder, ILogger logger)
{
    private const string Extension = ".json";
    private const int MaximumBytes = 8 << 20;

    private readonly StoredFiles _files = new(folder, Extension, MaximumBytes, logger);

    /// <summary>Reads all; what cannot be used is set aside.</summary>
    public IEnumerable<(Guid Domain, OwnerNotes Notes)> Load()
    {
        _files.RemoveUnfinished();
        foreach (string path in _files.List())
        {
            if (_files.TryRead(path, bytes => Parse(path, bytes), out _) is { } notes && DomainOf(path) is { } domain)
                yield return (domain, notes);
        }
    }

    /// <summary>Writes a guest's; none removes the file.</summary>
    public void Write(Guid domain, IReadOnlyList<HeldFile> files)
    {
        if (files.Count == 0)
        {
            DurableFile.Delete(PathOf(domain));
            return;
        }

        var notes = new OwnerNotes(OwnerNotes.CurrentFormat, Process.ProcessIdentity.CurrentBootId, files);
        DurableFile.Write(PathOf(domain), JsonSerializer.SerializeToUtf8Bytes(notes, OwnerJson.Default.OwnerNotes));
    }

    private string PathOf(Guid domain) => Path.Combine(folder, domain.ToString("D") + Extension);

    private static OwnerNotes Parse(string path, byte[] bytes)
    {
        OwnerNotes? notes = JsonSerializer.Deserialize(bytes, OwnerJson.Default.OwnerNotes);
        return notes is { Format: OwnerNotes.CurrentFormat } && DomainOf(path) is not null
            ? notes
            : throw new UnsuitableFileException("it is of another format or name");
    }

    private static Guid? DomainOf(string path) =>
        Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "D", out Guid domain) ? domain : null;
}

/// <summary>The JSON of owners' notes.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(OwnerNotes))]
internal sealed partial class OwnerJson : JsonSerializerContext;
