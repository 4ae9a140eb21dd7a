using System.Management.Automation;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Takes disks and drives out of domains.</summary>
[Cmdlet(VerbsCommon.Remove, "VirtDisk", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(VirtDisk))]
public sealed class RemoveVirtDiskCommand : DeviceRemoveCommand
{
    /// <summary>Targets, as vdb; also with wildcards.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(DiskTargetCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Target { get; set; }

    /// <summary>Deletes the image too; one that is used elsewhere, or is not in the host's images folder, is refused.</summary>
    [Parameter]
    public SwitchParameter DeleteImage { get; set; }

    internal override string Kind => "disk";

    internal override IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        if (given is not null)
            return this.Current<VirtDisk>(domain, given, devices);
        if (Target is not null)
            return this.Choose(domain, devices.OfType<VirtDisk>(), Target, disk => disk.Target, "disk");
        Fail(
            VirtException.Create(
                VirtErrorCode.InvalidArgument, $"which disks of '{domain.Name}' go was not said", domain.Name,
                "Name them with -Target, also with wildcards, or pipe the disks themselves."),
            domain);
        return [];
    }

    internal override string AndMore(VirtDevice device) =>
        DeleteImage && ((VirtDisk)device).Path is { } path ? $" and its image '{path}'" : "";

    internal override async Task AfterwardsAsync(VirtDevice device, CancellationToken cancel)
    {
        if (!DeleteImage || ((VirtDisk)device).RawPath is not { } path || DiskSourceXml.IsUrl(path))
            return;
        await DeleteImageAsync(device.VirtHost, path, cancel).ConfigureAwait(false);
    }
}
