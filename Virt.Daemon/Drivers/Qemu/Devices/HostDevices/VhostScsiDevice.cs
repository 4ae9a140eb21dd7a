using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>hostdev type='scsi_host'</c>: a SCSI target that the host's kernel serves to the guest (vhost-scsi).</summary>
internal sealed class VhostScsiDevice : HostDevice
{
    private const string Device = "/dev/vhost-scsi";
    private const string NamePrefix = "naa.";
    private const int NameDigits = 16;

    private readonly string _name;
    private readonly string _driver;
    private readonly bool _conventional;

    public VhostScsiDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        CheckAddress("pci", "ccw");
        element.SetDefault("managed", "no");
        if (Source.Required("protocol") is not "vhost" and var protocol)
            throw XmlFault.Unsupported(Source.Attribute("protocol")!, $"'{protocol}' is not a protocol of such a device, which is 'vhost'");
        _name = Source.Required("wwpn");
        if (!_name.StartsWith(NamePrefix, StringComparison.Ordinal) || _name.Length != NamePrefix.Length + NameDigits
            || !_name[NamePrefix.Length..].All(char.IsAsciiHexDigit))
            throw XmlFault.Invalid(Source.Attribute("wwpn")!, $"'{_name}' is not 'naa.' and {NameDigits} hexadecimal digits");
        if (element.Element("boot") is { } boot)
            throw XmlFault.Unsupported(boot, "a guest does not boot from a vhost-scsi device");
        string? model = element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional");
        _conventional = model == "virtio-transitional";
        _driver = VirtioOptions.Driver("vhost-scsi-pci", model);
        context.RequireDevice(element, _driver);
        if (!File.Exists(Device))
            context.FailStart(element, $"the host has no '{Device}'", "Load its module: modprobe vhost_scsi");
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _conventional ? PciNeed.Conventional : PciNeed.Express;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        int descriptor = arguments.AddDescriptor(() => TapInterface.OpenDevice(Device));
        arguments.AddDevice(NewDevice(_driver).With("wwpn", _name)
            .With("vhostfd", descriptor.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
