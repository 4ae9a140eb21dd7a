using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices.DiskSources;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Storage;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// One image of a disk: where its bytes are, its format, its encryption, and the image it is based on. Becomes two block nodes or
/// three: storage, slice, format.
/// </summary>
internal sealed class DiskSource
{
    private readonly XElement _layer;
    private readonly DiskStorage _storage;
    private readonly DiskEncryption? _encryption;
    private readonly DiskSlice? _slice;
    private readonly long? _metadataCache;
    private bool _endsChain;
    private DiskSource? _backing;
    private bool _isGiven = true;

    private DiskSource(XElement layer, string format)
    {
        _layer = layer;
        Format = format;
        XElement source = layer.Element("source") ?? throw XmlFault.Invalid(layer, "the element source is missing");
        _storage = DiskStorage.Read(layer, source);
        _encryption = DiskEncryption.Read(layer, source, format);
        _slice = DiskSlice.Read(source);
        _metadataCache = ReadMetadataCache(layer, format);
        CheckFormat();
        if (layer.Element("backingStore") is not { } backing)
            return;
        _endsChain = !backing.HasElements;
        _backing = backing.HasElements ? new DiskSource(backing, BackingFormat(backing)) : null;
    }

    /// <summary>The number in the names of its block nodes; null while there are none.</summary>
    public int? Number { get; private set; }

    /// <summary>The name of the node that the device, or the image above, reads; null while there is none.</summary>
    public string? Node => Number is { } number ? $"libvirt-{number}-format" : null;

    /// <summary>The path of the image on this host; null when it is elsewhere.</summary>
    public string? Path => _storage.Path;

    /// <summary>The image's format.</summary>
    public string Format { get; }

    /// <summary>Whether it is on this host.</summary>
    public bool IsLocal => _storage.IsLocal;

    /// <summary>Whether a whole SCSI device can be passed through.</summary>
    public bool CanPassThrough => _storage.CanPassThrough;

    /// <summary>Whether its content is encrypted.</summary>
    public bool IsEncrypted => _encryption is not null;

    /// <summary>Whether it is a part of its storage.</summary>
    public bool IsSlice => _slice is not null;

    /// <summary>Whether it is a folder shown as a FAT file system.</summary>
    public bool IsFolder => _storage is FolderStorage;

    /// <summary>Reads the source of a disk; null for an empty drive.</summary>
    public static DiskSource? Read(XElement disk, string format) => DiskStorage.IsEmpty(disk) ? null : new DiskSource(disk, format);

    /// <summary>Looks up passphrases, volumes, and the images below this one where the definition does not tell.</summary>
    /// <param name="host">What is looked up in.</param>
    /// <param name="writes">Whether the guest writes to this image.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="depth">How many images are above it.</param>
    public async ValueTask PrepareAsync(GuestPreparation host, bool writes, CancellationToken cancel, int depth = 0)
    {
        _storage.Prepare(host);
        _encryption?.Prepare(host);
        bool isTold = _backing is not null || _endsChain;
        if (Path is null && !isTold && ImageFormats.CanHaveBacking(Format))
        {
            throw XmlFault.Unsupported(
                _layer, $"virtd cannot read an image of format {Format} there, so the definition must tell what is below it",
                "Add <backingStore/> when there is nothing below it, or write the chain.");
        }

        if (Path is { } path && !IsFolder)
        {
            BackingChain.CheckDepth(depth, path);
            if (await BackingChain.FindAsync(path, Format, isTold, writes, cancel).ConfigureAwait(false) is ({ } below, var isNoted))
            {
                _layer.Element("source")!.AddAfterSelf(below);
                _endsChain = !below.HasElements;
                _backing = below.HasElements ? new DiskSource(below, BackingFormat(below)) { _isGiven = _isGiven && isNoted } : null;
            }
        }

        if (_backing is not null)
            await _backing.PrepareAsync(host, writes: false, cancel, depth + 1).ConfigureAwait(false);
    }

    /// <summary>Writes the nodes and returns the name of the one the device, or the image above, reads.</summary>
    public string AddTo(QemuArguments arguments, DiskDriver driver, bool readOnly, string kind = "disk", bool isTop = true)
    {
        string? backing = _backing?.AddTo(arguments, driver, readOnly: true, isTop: false);
        int number = Number ??= arguments.NextNode();
        string storage = $"libvirt-{number}-storage";
        string name = Node!;
        string? secret = _encryption?.AddSecret(arguments, name);
        if (_encryption is { IsByLibrary: true } && _storage is RbdStorage cluster)
            cluster.Encryption = _encryption.ToJson(secret!);
        arguments.Add("-blockdev", _storage.Write(arguments, new DiskNode(storage, driver, kind))
            .With("node-name", storage).WithObject("cache", driver.CacheJson()).With("auto-read-only", true).With("discard", "unmap"));
        bool decrypts = _encryption is { IsByLibrary: false };
        bool slicesItself = Format == "raw" && !decrypts;
        if (_slice is not null && !slicesItself)
            storage = _slice.AddTo(arguments, driver, storage, number);

        JsonObject format = new JsonObject { ["node-name"] = name }.With("read-only", readOnly)
            .With("discard", isTop ? driver.Discard : null).With("detect-zeroes", isTop ? driver.DetectZeroes : null)
            .WithObject("cache", driver.CacheJson()).With("driver", Driver(decrypts));
        if (_slice is not null && slicesItself)
            _slice.Write(format);
        if (decrypts && Format == "raw")
            format["key-secret"] = secret;
        else if (decrypts)
            format["encrypt"] = _encryption!.ToJson(secret!);
        format.With("cache-size", _metadataCache).With("discard-no-unref", isTop ? driver.DiscardKeepsReferences : null)
            .With("file", storage).With("backing", backing);
        if (backing is null && (_endsChain || _layer.Element("backingStore") is { HasElements: false }) && ImageFormats.CanHaveBacking(Format))
            format["backing"] = null;
        arguments.Add("-blockdev", format);
        return name;
    }

    /// <summary>The files of this host in the chain: what is below the first is only read.</summary>
    /// <param name="what">What the first is to the guest, for errors.</param>
    /// <param name="need">What the guest does with the first.</param>
    public IEnumerable<GuestFile> Files(string what, FileNeed need)
    {
        IEnumerable<GuestFile> below = _backing?.Files($"image below the {what}", FileNeed.Read) ?? [];
        string named = _isGiven ? what : $"{what} (which nothing but that image names)";
        return Path is { } path && !IsFolder
            ? below.Prepend(new GuestFile(named, path, need) { IsGiven = _isGiven })
            : below;
    }

    /// <summary>The managed helper for reservations that the storage needs; whether there is one.</summary>
    public bool NeedsReservationHelper => _layer.Element("source")?.Element("reservations")?.Flag("managed") == true;

    /// <summary>Writes the numbers of the nodes into a copy of the disk's element, where libvirt has them.</summary>
    public void WriteLive(XElement disk)
    {
        disk.Element("source")?.SetAttributeValue("index", Number);
        WriteBacking(disk);
    }

    /// <summary>Takes the numbers back from the element of a live XML.</summary>
    public void ReadLive(XElement disk)
    {
        Number = disk.Element("source")?.Integer("index", 1, int.MaxValue);
        ReadBacking(disk);
    }

    private void WriteBacking(XElement element)
    {
        if (_backing is null || element.Element("backingStore") is not { } backing)
            return;
        backing.SetAttributeValue("index", _backing.Number);
        _backing.WriteBacking(backing);
    }

    private void ReadBacking(XElement element)
    {
        if (_backing is null || element.Element("backingStore") is not { } backing)
            return;
        _backing.Number = backing.Integer("index", 1, int.MaxValue);
        _backing.ReadBacking(backing);
    }

    private string Driver(bool decrypts) => Format switch
    {
        "raw" when decrypts => "luks",
        "fat" => "raw",
        _ => Format,
    };

    private static string BackingFormat(XElement backing) =>
        backing.Element("format") is { } format
            ? DiskFormat.Read(format, "type", isFolder: backing.Text("type") == "dir")
            : throw XmlFault.Invalid(backing, "the element format is missing");

    private static long? ReadMetadataCache(XElement layer, string format)
    {
        XElement? cache = (layer.Element("format") ?? layer.Element("driver"))?.Element("metadata_cache");
        if (cache?.Element("max_size") is not { } size)
            return null;
        return format == "qcow2"
            ? ScaledSize.Read(size, "bytes")
            : throw XmlFault.Unsupported(cache, $"only qcow2 images have a metadata cache, not '{format}'");
    }

    private void CheckFormat()
    {
        if (_storage is FolderStorage && Format != "fat")
            throw XmlFault.Unsupported(_layer, $"a folder is shown as type='fat', not '{Format}'");
        if (Format == "fat" && _storage is not (FolderStorage or VolumeStorage))
            throw XmlFault.Unsupported(_layer, "only a folder (type='dir') is shown as 'fat'");
    }
}
