using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Virt.Domains.Definition;
using Virt.Storage;

namespace Virt.PowerShell;

/// <summary>Lets a parameter take disks: see <see cref="DiskSpec"/>.</summary>
internal sealed class DiskSpecAttribute : SpecAttribute<DiskSpecification>
{
    private protected override DiskSpecification Read(object value) => DiskSpec.Read(value, "disk");
}

/// <summary>Lets a parameter take CDs: the path or URL of an image, or a hashtable.</summary>
internal sealed class CdromSpecAttribute : SpecAttribute<DiskSpecification>
{
    private protected override DiskSpecification Read(object value) => value is string path
        ? new DiskSpecification { Path = path, Device = "cdrom" }
        : DiskSpec.Read(value, "cdrom");
}

/// <summary>
/// Disks as people say them: a path or URL; a size for a new image ('20GB'), with a name ('data:20GB'); a hashtable; or an object
/// that knows its path.
/// </summary>
internal static class DiskSpec
{
    /// <summary>The smallest size that is believed to be one.</summary>
    public const long LeastSize = 64 * 1024;

    private static readonly string[] Buses = ["virtio", "scsi", "sata", "ide", "usb", "fdc"];
    private static readonly string[] Devices = ["disk", "cdrom", "floppy", "lun"];
    private static readonly string[] Caches = ["default", "none", "writethrough", "writeback", "directsync", "unsafe"];
    private static readonly string[] Ios = ["native", "threads", "io_uring"];
    private static readonly string[] Discards = ["unmap", "ignore"];
    private static readonly string[] ZeroModes = ["off", "on", "unmap"];

    public static DiskSpecification Read(object value, string device) => value switch
    {
        string text => FromText(text),
        IDictionary table => FromTable(new SpecTable("disk", table), device),
        VirtDisk disk => FromDisk(disk),
        ImageRecord image => new DiskSpecification { Path = image.Path, Format = image.Format },
        FileInfo file => new DiskSpecification { Path = file.FullName },
        PSObject made => FromTable(new SpecTable("disk", made), device),
        _ when value.GetType().IsPrimitive || value is decimal => New(SizeText.From(value), null, value.ToString()!),
        _ => throw new FormatException($"A {value.GetType().Name} is not a disk. Give a path, a size or a hashtable."),
    };

    /// <summary>A path, a URL, a size, or a name with a size.</summary>
    public static DiskSpecification FromText(string text)
    {
        if (DiskSourceXml.IsUrl(text))
            return new DiskSpecification { Path = text };
        if (!text.Contains('/', StringComparison.Ordinal) && IsSize(text, out long size))
            return New(size, null, text);
        int colon = text.LastIndexOf(':');
        if (colon > 0 && IsSize(text[(colon + 1)..], out size))
            return New(size, text[..colon], text);
        return new DiskSpecification { Path = text };
    }

    private static bool IsSize(string text, out long size)
    {
        size = 0;
        if (text.Length == 0 || !char.IsAsciiDigit(text[0]))
            return false;
        try
        {
            size = SizeText.Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static DiskSpecification New(long size, string? path, string said) => size >= LeastSize
        ? new DiskSpecification { Size = size, Path = path }
        : throw new FormatException(
            string.Create(CultureInfo.InvariantCulture, $"'{said}' is {size} bytes, too small for a disk. Sizes are in bytes: say 20GB or '20G'."));

    private static DiskSpecification FromDisk(VirtDisk disk) => new()
    {
        Path = disk.Path, Format = disk.Format, Device = disk.Device, ReadOnly = disk.ReadOnly, Shareable = disk.Shareable,
        Cache = disk.Cache, Io = disk.Io, Discard = disk.Discard,
    };

    private static DiskSpecification FromTable(SpecTable table, string device)
    {
        var disk = new DiskSpecification
        {
            Path = table.Text("Path", "Name", "Source", "Iso"),
            Size = table.Size("Size"),
            Format = table.Text("Format"),
            Backing = table.Text("Backing"),
            BackingFormat = table.Text("BackingFormat"),
            Device = table.Choice("Device", Devices) ?? device,
            Bus = table.Choice("Bus", Buses),
            Target = table.Text("Target"),
            Cache = table.Choice("Cache", Caches),
            Io = table.Choice("Io", Ios),
            Discard = table.Choice("Discard", Discards),
            DetectZeroes = table.Choice("DetectZeroes", ZeroModes),
            Serial = table.Text("Serial"),
            Wwn = table.Text("Wwn"),
            ReadOnly = table.Flag("ReadOnly") ?? false,
            Shareable = table.Flag("Shareable") ?? false,
            BootOrder = table.Count("BootOrder"),
            IoThread = table.Count("IoThread"),
            Queues = table.Count("Queues"),
            Limits = new DiskLimits(
                table.Size("BytesPerSecond"), table.Size("ReadBytesPerSecond"), table.Size("WriteBytesPerSecond"),
                table.Size("Iops"), table.Size("ReadIops"), table.Size("WriteIops")),
        };
        table.End();
        return Check(disk);
    }

    /// <summary>Refuses what cannot be meant.</summary>
    /// <exception cref="FormatException">What is wrong.</exception>
    public static DiskSpecification Check(DiskSpecification disk)
    {
        if (disk.Size is { } size)
            New(size, null, SizeText.Humanise(size));
        if (disk.Path is null && !disk.IsNew && disk.Device is "disk" or "lun" && disk.Path is null && !disk.IsNew)
            throw new FormatException("A disk needs a Path; or a Size, and an image is made for it.");
        if (disk.IsNew && disk.Device != "disk")
            throw new FormatException($"An image is made for a disk, not for a {disk.Device}. Leave Size and Backing out.");
        if (disk.IsNew && disk.Format is not (null or "raw" or "qcow2"))
            throw new FormatException($"Images are made as raw or qcow2, not as {disk.Format}.");
        if (disk.Backing is not null && disk.Format is not (null or "qcow2"))
            throw new FormatException($"An image with a Backing is qcow2, not {disk.Format}.");
        return disk;
    }
}
