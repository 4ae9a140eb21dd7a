using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='virtio-serial'</c>: the ports of channels and virtio consoles.</summary>
internal sealed class VirtioSerialController : ControllerDevice
{
    private const int DefaultPorts = 31;
    private readonly VirtioOptions? _virtio;
    private readonly string _driver;
    private readonly long? _ports;
    private readonly long? _vectors;

    public VirtioSerialController(XElement element, GuestContext context)
        : base(element, context)
    {
        string? model = element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional");
        _driver = VirtioOptions.Driver("virtio-serial-pci", model);
        context.RequireDevice(element, _driver);
        _ports = element.Number("ports", 1, DefaultPorts);
        _vectors = element.Number("vectors", 0, int.MaxValue);
        _virtio = VirtioOptions.Read(element);
    }

    /// <summary>How many ports it has.</summary>
    public int Ports => (int?)_ports ?? DefaultPorts;

    /// <inheritdoc/>
    public override PciNeed PciNeed => PciNeed.Express;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) =>
        arguments.AddDevice(NewDevice(_driver).With("max_ports", _ports).With("vectors", _vectors).WithVirtio(_virtio));

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => $"virtio-serial{Index}";
}
