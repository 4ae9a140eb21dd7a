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
    private const int IsaPorts = 4;

    /// <summary>The types of x86 machines: QEMU's device, which is also the model's name, and the kind of address.</summary>
    private static readonly Dictionary<string, (string Driver, string Address)> Types = new(StringComparer.Ordinal)
    {
        ["isa-serial"] = ("isa-serial", "isa"),
        ["usb-serial"] = ("usb-serial", "usb"),
        ["pci-serial"] = ("pci-serial", "pci"),
        ["isa-debug"] = ("isa-debugcon", "isa"),
    };

    private readonly string _type;
    private readonly string _driver;

    public SerialDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Backend = new CharacterBackend(element, context);
        XElement target = element.GetOrAdd("target");
        XElement? model = target.Element("model");
        _type = target.Choice("type", [.. Types.Keys, "spapr-vio-serial", "system-serial", "sclp-serial"])
            ?? Types.FirstOrDefault(type => type.Value.Driver == model?.Text("name")).Key ?? "isa-serial";
        if (!Types.TryGetValue(_type, out (string Driver, string Address) kind))
            throw XmlFault.Unsupported(target, $"a serial port of type '{_type}' is not one of x86 machines");
        _driver = kind.Driver;
        if (model?.Text("name") is { } name && name != _driver)
            throw XmlFault.Unsupported(model, $"a serial port of type '{_type}' is '{_driver}', not '{name}'");
        if (element.Element("address") is { } address && address.Text("type") != kind.Address)
            throw XmlFault.Unsupported(address, $"a serial port of type '{_type}' has an address of type '{kind.Address}'");
        context.RequireDevice(target, _driver);
        Port = target.Integer("port", 0, int.MaxValue) ?? FreePort();
        CheckPort(target);
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

    private void CheckPort(XElement target)
    {
        if (_type != "isa-serial")
            return;
        if (Port >= IsaPorts)
        {
            Context.FailStart(
                target, $"a machine has {IsaPorts} ISA serial ports, 0 to {IsaPorts - 1}, not {Port}", "Use a target of type 'pci-serial'.");
        }

        if (Context.Of<SerialDevice>().Any(other => other.Port == Port && other._type == _type))
            Context.FailStart(target, $"two serial ports have the number {Port}");
    }

    private int FreePort()
    {
        HashSet<int> taken = [.. Element.Parent!.Elements("serial").Select(other => other.Element("target")?.Integer("port", 0, int.MaxValue) ?? -1),
            .. Context.Of<SerialDevice>().Select(other => other.Port)];
        return Enumerable.Range(0, taken.Count + 1).First(port => !taken.Contains(port));
    }
}
