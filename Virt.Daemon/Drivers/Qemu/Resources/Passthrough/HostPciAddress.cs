using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Resources.Passthrough;

/// <summary>Where a PCI device is on the host.</summary>
internal readonly record struct HostPciAddress(int Domain, int Bus, int Slot, int Function)
{
    /// <summary>Reads the <c>address</c> of a source.</summary>
    public static HostPciAddress Read(XElement address) => new(
        address.Integer("domain", 0, 0xffff) ?? 0, address.Integer("bus", 0, 0xff) ?? 0, address.Integer("slot", 0, 31) ?? 0,
        address.Integer("function", 0, 7) ?? 0);

    /// <summary>As the kernel and QEMU write it: <c>0000:03:00.1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Domain:x4}:{Bus:x2}:{Slot:x2}.{Function}");
}
