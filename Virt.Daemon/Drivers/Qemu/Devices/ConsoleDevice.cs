using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// <c>console</c>: a virtio console, or, with a target of type serial, another name of a serial port. A guest's first serial
/// port and first console are one device to libvirt, written twice.
/// </summary>
internal sealed class ConsoleDevice : GuestDevice, ICharacterDevice, IVirtioSerialDevice
{
    private readonly string _type;
    private readonly int _port;

    public ConsoleDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        XElement target = element.GetOrAdd("target");
        _type = target.Choice("type", "serial", "virtio", "xen", "lxc", "openvz", "sclp", "sclplm", "uml") ?? "serial";
        if (_type is not ("serial" or "virtio"))
            throw XmlFault.Unsupported(target, $"a console of type '{_type}' is not one of QEMU's x86 machines");
        target.SetAttributeValue("type", _type);
        _port = target.Integer("port", 0, 31) ?? context.Of<ConsoleDevice>().Count();
        target.SetAttributeValue("port", _port);
        if (_type == "serial" && Serial is null)
            throw XmlFault.Invalid(target, $"there is no serial port {_port} that the console could be");
        Backend = Serial?.Backend ?? new CharacterBackend(element, context);
        if (_type == "virtio")
            context.RequireDevice(element, "virtconsole");
    }

    /// <inheritdoc/>
    public CharacterBackend Backend { get; }

    /// <inheritdoc/>
    public bool IsOnVirtioSerial => _type == "virtio";

    /// <inheritdoc/>
    public int FirstPort => 0;

    /// <inheritdoc/>
    public VirtioSerialPort? VirtioSerialPort { get; set; }

    private SerialDevice? Serial => _type == "serial" ? Context.Of<SerialDevice>().ElementAtOrDefault(_port) : null;

    /// <summary>Makes the first console and the first serial port one, whichever the definition gives.</summary>
    public static void Pair(XElement devices)
    {
        XElement? serial = devices.Element("serial");
        XElement? console = devices.Element("console");
        bool isSerial = console?.Element("target")?.Text("type") is null or "serial";
        if (console is not null && isSerial && serial is null)
        {
            serial = new XElement(
                "serial", console.Attribute("type"),
                console.Elements().Where(child => child.Name.LocalName is not ("target" or "address" or "alias")));
            console.AddBeforeSelf(serial);
        }
        else if (serial is not null && console is null)
        {
            serial.Parent!.Elements("serial").Last().AddAfterSelf(console = new XElement("console"));
        }
        else if (console is null || !isSerial || serial is null)
        {
            return;
        }

        console.SetAttributeValue("type", serial.Text("type"));
        console.Elements().Where(child => child.Name.LocalName is not ("target" or "alias")).Remove();
        console.AddFirst(serial.Elements().Where(child => child.Name.LocalName is not ("target" or "address" or "alias")));
        XElement target = console.GetOrAdd("target");
        target.SetAttributeValue("type", "serial");
        target.SetAttributeValue("port", 0);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_type == "serial")
            return;
        string chardev = Backend.AddTo(arguments, Alias);
        arguments.AddDevice(NewDevice("virtconsole").OnVirtioSerial(VirtioSerialPort, Context).With("chardev", chardev));
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy)
    {
        Backend.WriteLive(copy);
        if (Backend is { Type: "pty", LivePath: { } path })
            copy.SetAttributeValue("tty", path);
        if (Serial is { } serial)
            DeviceAliases.Write(copy, serial.Alias);
    }

    /// <inheritdoc/>
    public override void ReadLive(XElement live)
    {
        if (Serial is null)
            Backend.ReadLive(live);
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) =>
        $"console{Context.Of<ConsoleDevice>().TakeWhile(other => other != this).Count()}";
}
