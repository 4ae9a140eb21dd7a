using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>serial</c>: a serial port on ISA, PCI or USB, or the debug port.</summary>
internal sealed class SerialDevice : GuestDevice, ICharacterDevice, IUsbDevice
{
    private const int MaximumPort = 31;
    private const int IsaPorts = 4;
    private readonly string _type;
    private readonly string _driver;

    public SerialDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Backend = new CharacterBackend(element, context);
        XElement target = element.GetOrAdd("target");
        XElement? model = target.Element("model");
        _type = target.Choice("type", "isa-serial", "usb-serial", "pci-serial", "isa-debug", "system-serial")
            ?? TypeOf(model?.Text("name"));
        (_driver, bool known) = _type switch
        {
            "isa-serial" => ("isa-serial", true),
            "usb-serial" => ("usb-serial", true),
            "pci-serial" => ("pci-serial", true),
            "isa-debug" => ("isa-debugcon", true),
            _ => ("", false),
        };
        if (!known)
            throw XmlFault.Unsupported(target, $"a serial port of type '{_type}' is not one of x86 machines");
        if (model?.Text("name") is { } name && name != _driver)
            throw XmlFault.Invalid(model, $"a serial port of type '{_type}' is '{_driver}', not '{name}'");
        context.RequireDevice(target, _driver);
        Port = target.Integer("port", 0, MaximumPort) ?? FreePort();
        if (_type == "isa-serial" && Port >= IsaPorts)
            throw XmlFault.Unsupported(
                target, $"a machine has {IsaPorts} ISA serial ports, 0 to {IsaPorts - 1}, not {Port}",
                "Use a target of type 'pci-serial'.");
        if (context.Of<SerialDevice>().Any(other => other.Port == Port && other._type == _type))
            throw XmlFault.Invalid(target, $"two serial ports have the number {Port}");
        target.SetAttributeValue("type", _type);
        target.SetAttributeValue("port", Port);
        if (model is null)
            target.AddFirst(new XElement("model", new XAttribute("name", _driver)));
    }

    /// <inheritdoc/>
    public CharacterBackend Backend { get; }

    /// <summary>The number of the port.</summary>
    public int Port { get; }

    /// <inheritdoc/>
    public bool IsOnUsb => _type == "usb-serial";

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _type == "pci-serial" ? PciNeed.Conventional : PciNeed.None;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string chardev = Backend.AddTo(arguments, Alias);
        JsonObject device = NewDevice(_driver).OnUsb(UsbPort, Context).With("chardev", chardev);
        if (_type == "isa-serial")
            device["index"] = Port;
        if (Element.Element("address") is { } address && address.Text("type") == "isa")
            device.With("iobase", address.Number("iobase", 0, 0xffff))
                .With("irq", _type == "isa-debug" ? null : address.Number("irq", 0, 15));
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => Backend.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => Backend.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) =>
        $"serial{Context.Of<SerialDevice>().TakeWhile(other => other != this).Count()}";

    private static string TypeOf(string? model) => model switch
    {
        "usb-serial" => "usb-serial",
        "pci-serial" => "pci-serial",
        "isa-debugcon" => "isa-debug",
        _ => "isa-serial",
    };

    private int FreePort()
    {
        HashSet<int> taken = [.. Element.Parent!.Elements("serial").Select(
            other => other.Element("target")?.Integer("port", 0, MaximumPort) ?? -1),
            .. Context.Of<SerialDevice>().Select(other => other.Port)];
        return Enumerable.Range(0, MaximumPort + 1).First(port => port == MaximumPort || !taken.Contains(port));
    }
}
