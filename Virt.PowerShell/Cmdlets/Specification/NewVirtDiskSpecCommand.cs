using System.Management.Automation;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Describes a disk for New-VirtDomain and Add-VirtDisk; nothing is made.</summary>
[Cmdlet(VerbsCommon.New, "VirtDiskSpec")]
[OutputType(typeof(DiskSpecification))]
public sealed class NewVirtDiskSpecCommand : VirtCommand
{
    /// <summary>The image, device or URL; with -Size, the image to make.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The size of the image to make.</summary>
    [Parameter(Position = 1)]
    [Size]
    public long? Size { get; set; }

    /// <summary>The image that the one to make is an overlay of.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Backing { get; set; }

    /// <summary>The format of that image.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BackingFormat { get; set; }

    /// <summary>The image's format.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Format { get; set; }

    /// <summary>What the guest sees.</summary>
    [Parameter]
    [ValidateSet("disk", "cdrom", "floppy", "lun")]
    public string Device { get; set; } = "disk";

    /// <summary>The bus.</summary>
    [Parameter]
    [ValidateSet("virtio", "scsi", "sata", "ide", "usb", "fdc")]
    public string? Bus { get; set; }

    /// <summary>The name on the bus, as vdb.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Target { get; set; }

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

    /// <summary>What writes of zeroes become.</summary>
    [Parameter]
    [ValidateSet("off", "on", "unmap")]
    public string? DetectZeroes { get; set; }

    /// <summary>The serial number that the guest sees.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Serial { get; set; }

    /// <summary>The guest cannot write to it.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>Other guests use it at the same time.</summary>
    [Parameter]
    public SwitchParameter Shareable { get; set; }

    /// <summary>Its place in the boot order, from 1.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int? BootOrder { get; set; }

    /// <summary>The I/O thread that serves it, from 1.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int? IoThread { get; set; }

    /// <summary>The queues of a virtio disk.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int? Queues { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(DiskSpec.Check(new DiskSpecification
            {
                Path = Path, Size = Size, Backing = Backing, BackingFormat = BackingFormat, Format = Format, Device = Device, Bus = Bus,
                Target = Target, Cache = Cache, Io = Io, Discard = Discard, DetectZeroes = DetectZeroes, Serial = Serial,
                ReadOnly = ReadOnly, Shareable = Shareable, BootOrder = BootOrder, IoThread = IoThread, Queues = Queues,
            }));
        }
        catch (FormatException malformed)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(new VirtException(VirtErrorCode.InvalidArgument, malformed.Message), Path));
        }
    }
}
