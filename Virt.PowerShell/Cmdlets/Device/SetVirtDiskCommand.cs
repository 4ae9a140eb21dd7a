using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Changes disks and drives: media, size, limits of I/O, and how the host does the I/O.</summary>
[Cmdlet(VerbsCommon.Set, "VirtDisk", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtDisk))]
public sealed class SetVirtDiskCommand : DeviceEditCommand
{
    private static readonly (string Element, string Words, Func<SetVirtDiskCommand, long?> Value)[] Limits =
    [
        ("total_bytes_sec", "bytes a second", command => command.BytesPerSecond),
        ("read_bytes_sec", "bytes read a second", command => command.ReadBytesPerSecond),
        ("write_bytes_sec", "bytes written a second", command => command.WriteBytesPerSecond),
        ("total_iops_sec", "operations a second", command => command.Iops),
        ("read_iops_sec", "reads a second", command => command.ReadIops),
        ("write_iops_sec", "writes a second", command => command.WriteIops),
    ];

    /// <summary>Targets, as vda; also with wildcards.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(DiskTargetCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Target { get; set; }

    /// <summary>The image to put into a CD or floppy drive: a path, the name of an image in the host's images folder, or a URL.</summary>
    [Parameter]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string? Iso { get; set; }

    /// <summary>Takes the medium out of a CD or floppy drive.</summary>
    [Parameter]
    public SwitchParameter Eject { get; set; }

    /// <summary>The new size of the image, which can only grow.</summary>
    [Parameter]
    [Size]
    public long? Size { get; set; }

    /// <summary>The most bytes a second, read and written; 0 for no limit.</summary>
    [Parameter]
    [Size(AllowZero = true)]
    public long? BytesPerSecond { get; set; }

    /// <summary>The most bytes read a second; 0 for no limit.</summary>
    [Parameter]
    [Size(AllowZero = true)]
    public long? ReadBytesPerSecond { get; set; }

    /// <summary>The most bytes written a second; 0 for no limit.</summary>
    [Parameter]
    [Size(AllowZero = true)]
    public long? WriteBytesPerSecond { get; set; }

    /// <summary>The most operations a second; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long? Iops { get; set; }

    /// <summary>The most reads a second; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long? ReadIops { get; set; }

    /// <summary>The most writes a second; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long? WriteIops { get; set; }

    /// <summary>The cache mode.</summary>
    [Parameter]
    [ValidateSet("default", "none", "writethrough", "writeback", "directsync", "unsafe")]
    public string? Cache { get; set; }

    /// <summary>How the host does I/O.</summary>
    [Parameter]
    [ValidateSet("native", "threads", "io_uring")]
    public string? Io { get; set; }

    /// <summary>Whether discards of the guest reach the image.</summary>
    [Parameter]
    [ValidateSet("unmap", "ignore")]
    public string? Discard { get; set; }

    /// <summary>The serial number that the guest sees.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Serial { get; set; }

    /// <summary>Whether the guest cannot write to it.</summary>
    [Parameter]
    public bool? ReadOnly { get; set; }

    /// <summary>Its place in the boot order, from 1; 0 for none.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int? BootOrder { get; set; }

    internal override string Kind => "disk";

    internal override string Example => "Name at least one thing to change, for example -Iso /path/cd.iso, -Eject, -Size 40GB or -Iops 500.";

    internal override bool ChangesElse => Size is not null;

    private bool ChangesMedium => Iso is not null || Eject;

    internal override IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        if (given is not null)
            return this.Current<VirtDisk>(domain, given, devices);
        VirtDisk[] disks = [.. devices.OfType<VirtDisk>()];
        if (Target is not null)
            return this.Choose(domain, disks, Target, disk => disk.Target, "disk");
        VirtDisk[] meant = ChangesMedium ? [.. disks.Where(disk => disk.HasRemovableMedium)] : disks;
        if (meant.Length == 1)
            return meant;
        string what = ChangesMedium ? "drives with removable media" : "disks";
        Fail(
            VirtException.Create(
                VirtErrorCode.InvalidArgument, $"the domain '{domain.Name}' has {meant.Length} {what}", domain.Name,
                meant.Length == 0 ? "Add one with Add-VirtDisk." : $"Say which with -Target: {string.Join(", ", meant.Select(disk => disk.Target))}."),
            domain);
        return [];
    }

    internal override IEnumerable<DeviceEdit> Edits()
    {
        if (Iso is not null && Eject)
            throw new FormatException("-Iso puts a medium in and -Eject takes it out; give one of them.");
        if (ChangesMedium)
            yield return new DeviceEdit(Eject ? "no medium" : $"medium '{Iso}'", disk => SetMedium(disk, Iso));
        DeviceEdit?[] edits =
        [
            Driver("cache", Cache), Driver("io", Io), Driver("discard", Discard),
            Serial is null ? null : DeviceEdit.Text($"serial number to '{Serial}'", "serial", Serial),
            ReadOnly is { } readOnly ? DeviceEdit.Flag($"read-only to {readOnly}", "readonly", readOnly) : null,
            BootOrder switch
            {
                null => null,
                0 => new DeviceEdit("no boot order", disk => disk.Element("boot")?.Remove()),
                var order => DeviceEdit.Set($"boot order to {order}", "boot", "order", order),
            },
            .. Limits.Select(limit => limit.Value(this) is { } value ? Limit(limit.Element, limit.Words, value) : null),
        ];
        foreach (DeviceEdit edit in edits.OfType<DeviceEdit>())
            yield return edit;
    }

    internal override IEnumerable<string> ElseInWords()
    {
        if (Size is { } size)
            yield return $"size to {SizeText.Humanise(size)}";
    }

    internal override VirtException? Refuse(VirtDevice device) =>
        ChangesMedium && device is VirtDisk { HasRemovableMedium: false } disk
            ? VirtException.Create(
                VirtErrorCode.OperationInvalid, $"the disk '{disk.Target}' of '{disk.Domain.Name}' has no removable medium", disk.Target,
                "Choose a CD or floppy drive with -Target; Get-VirtDisk lists them.")
            : null;

    // A name without a folder is a file in the host's images folder.
    internal override async Task PrepareAsync(VirtDevice device, XElement changed, CancellationToken cancel)
    {
        if (Iso is null || Iso.StartsWith('/') || DiskSourceXml.IsUrl(Iso))
            return;
        Storage.ImageRecord image = await StorageAsync(
            device.VirtHost, $"GetImage '{Iso}'", (storage, token) => storage.GetImageAsync(Iso, token), cancel).ConfigureAwait(false);
        SetMedium(changed, image.Path);
    }

    internal override async Task<DeviceChange?> ChangeElseAsync(VirtDevice device, CancellationToken cancel) => Size is { } size
        ? await CallAsync(
            device.Domain, "ResizeDisk",
            (driver, token) => driver.ResizeDiskAsync(device.Domain.Uuid, ((VirtDisk)device).Target, size, token), cancel)
            .ConfigureAwait(false)
        : null;

    private static void SetMedium(XElement disk, string? path)
    {
        disk.Elements("source").Remove();
        disk.Elements("backingStore").Remove();
        disk.SetAttributeValue("type", DiskSourceXml.TypeOf(path));
        if (DiskSourceXml.Build(path) is not { } source)
            return;
        XElement? driver = disk.Element("driver");
        if (driver is null)
            disk.AddFirst(source);
        else
            driver.AddAfterSelf(source);
    }

    private static DeviceEdit? Driver(string attribute, string? value) =>
        value is null ? null : DeviceEdit.Set($"{attribute} to {value}", "driver", attribute, value);

    private static DeviceEdit Limit(string element, string words, long value)
    {
        string said = element.Contains("bytes", StringComparison.Ordinal) ? SizeText.Humanise(value) : $"{value}";
        return new DeviceEdit($"limit of {words} to {(value == 0 ? "none" : said)}", disk =>
        {
            XElement? tune = disk.Element("iotune");
            if (tune is null)
            {
                if (value == 0)
                    return;
                disk.Add(tune = new XElement("iotune"));
            }

            tune.SetElementValue(element, value == 0 ? null : value);
            // The last limit that goes must be said as none, or an update would keep it.
            if (!tune.HasElements)
                tune.SetElementValue(element, 0);
        });
    }
}
