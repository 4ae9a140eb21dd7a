using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>Gets the disks and drives of domains.</summary>
[Cmdlet(VerbsCommon.Get, "VirtDisk")]
[OutputType(typeof(VirtDisk))]
public sealed class GetVirtDiskCommand : DeviceCommand
{
    /// <summary>Targets, as vda; also with wildcards.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(DiskTargetCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Target { get; set; }

    /// <summary>Only disks, only CD drives, ...</summary>
    [Parameter]
    [ValidateSet("disk", "cdrom", "floppy", "lun")]
    [ValidateNotNullOrEmpty]
    public string[]? Device { get; set; }

    /// <summary>Those of the definition of the next start, also while the domain is active.</summary>
    [Parameter]
    public SwitchParameter Inactive { get; set; }

    /// <summary>Only what the definition says: images are not opened for sizes and backing chains.</summary>
    [Parameter]
    public SwitchParameter Brief { get; set; }

    internal override DeviceQuery Query => new(["disk"], Inactive, !Brief);

    internal override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        IEnumerable<VirtDisk> disks = given is null
            ? this.Choose(domain, devices.OfType<VirtDisk>(), Target, disk => disk.Target, "disk")
            : this.Current<VirtDisk>(domain, given, devices);
        foreach (VirtDisk disk in disks.Where(disk => Device is null || Device.Contains(disk.Device, StringComparer.OrdinalIgnoreCase)))
            WriteObject(disk);
    }
}
