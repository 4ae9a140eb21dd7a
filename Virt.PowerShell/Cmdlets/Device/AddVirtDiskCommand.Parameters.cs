using System.Management.Automation;
using Virt.Domains.Definition;

namespace Virt.PowerShell;

/// <content>What the disk is.</content>
public sealed partial class AddVirtDiskCommand
{
    /// <summary>Disks: paths, sizes of new images, hashtables, or objects.</summary>
    [Parameter(ParameterSetName = DiskSet, Mandatory = true, Position = 1)]
    [DiskSpec]
    public DiskSpecification[] Disk { get; set; } = [];

    /// <summary>The image, device or URL; with -Size, the image to make.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The size of the image to make.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Size]
    public long? Size { get; set; }

    /// <summary>The image that the one to make is an overlay of.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Backing { get; set; }

    /// <summary>The format of that image; without it what its name or the host says.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? BackingFormat { get; set; }

    /// <summary>The image's format.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Format { get; set; }

    /// <summary>A CD drive; without -Path an empty one.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public SwitchParameter Cdrom { get; set; }

    /// <summary>The bus.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("virtio", "scsi", "sata", "ide", "usb", "fdc")]
    public string? Bus { get; set; }

    /// <summary>The name on the bus, as vdb; without it the first that is free.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Target { get; set; }

    /// <summary>The cache mode.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("default", "none", "writethrough", "writeback", "directsync", "unsafe")]
    public string? Cache { get; set; }

    /// <summary>How the host does I/O.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("native", "threads", "io_uring")]
    public string? Io { get; set; }

    /// <summary>Whether discards of the guest reach the image.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("unmap", "ignore")]
    public string? Discard { get; set; }

    /// <summary>The serial number that the guest sees.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Serial { get; set; }

    /// <summary>The guest cannot write to it.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>Other guests use it at the same time.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public SwitchParameter Shareable { get; set; }

    private DiskSpecification FromParameters() => new()
    {
        Path = Path, Size = Size, Backing = Backing, BackingFormat = BackingFormat, Format = Format, Device = Cdrom ? "cdrom" : "disk", Bus = Bus, Target = Target,
        Cache = Cache, Io = Io, Discard = Discard, Serial = Serial, ReadOnly = ReadOnly, Shareable = Shareable,
    };
}
