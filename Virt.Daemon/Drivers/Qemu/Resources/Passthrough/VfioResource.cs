using Virt.Daemon.Drivers.Qemu.Resources.Network;
using System.Text;
using Virt.Daemon.Hosting;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Passthrough;

/// <summary>
/// A PCI device of the host that a guest has: with <c>managed='yes'</c> it is taken from its driver and given back afterwards. A mark
/// in the run's folder tells that it was.
/// </summary>
/// <param name="address">Which one.</param>
/// <param name="managed">Whether its driver is changed.</param>
/// <param name="device">The guest's device, for errors.</param>
/// <param name="mac">For a virtual function of a network card: its MAC address; null for others.</param>
/// <param name="vlan">For a virtual function: its VLAN; null for none.</param>
internal sealed class VfioResource(HostPciAddress address, bool managed, string device, byte[]? mac = null, int? vlan = null) : IHostResource
{
    /// <summary>Where sysfs is.</summary>
    public string Sysfs { get; init; } = HostPciDevice.Sysfs;

    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        var pci = new HostPciDevice(address, Sysfs);
        pci.Check($"{device} of domain '{host.Name}'");
        if (mac is not null && pci.VirtualFunction() is { } function)
            LinkChanges.SetVirtualFunction(HostLink.Get(function.Card, $"the {device} is a function of"), function.Function, mac, vlan);
        else if (mac is not null)
            throw new VirtException(VirtErrorCode.OperationFailed, $"the PCI device {address} is no virtual function of a network card", address.ToString());
        if (pci.IsBound)
            return ValueTask.CompletedTask;
        if (!managed)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed,
                $"the PCI device {address} is held by {(pci.Driver is { } driver ? $"the driver '{driver}'" : "no driver")}, and the {device} of domain '{host.Name}' is not managed",
                address.ToString(), "Say managed='yes', or bind it to vfio-pci before.");
        }

        DurableFile.WriteVolatile(MarkIn(host), Encoding.ASCII.GetBytes(pci.Driver ?? ""));
        pci.Bind();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        if (!HostFile.Exists(MarkIn(host)))
            return ValueTask.CompletedTask;
        new HostPciDevice(address, Sysfs).Release();
        HostFile.Delete(MarkIn(host));
        return ValueTask.CompletedTask;
    }

    private string MarkIn(HostServices host) => Path.Combine(host.RunFolder, $"pci-{address}.vfio");
}
