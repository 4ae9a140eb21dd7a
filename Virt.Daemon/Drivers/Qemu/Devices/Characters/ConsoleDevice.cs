using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>console</c>: a virtio console, or, with a target of type serial, another name of the first serial port.</summary>
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
            context.FailStart(target, $"a console of type '{_type}' is not one of QEMU's x86 machines", "Use 'serial' or 'virtio'.");
        target.SetAttributeValue("type", _type);
        _port = target.Integer("port", 0, int.MaxValue)
            ?? context.Of<ConsoleDevice>().Select(other => other._port).DefaultIfEmpty(-1).Max() + 1;
        target.SetAttributeValue("port", _port);
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

    private SerialDevice? Serial => _type == "serial" ? Context.Of<SerialDevice>().FirstOrDefault() : null;

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
