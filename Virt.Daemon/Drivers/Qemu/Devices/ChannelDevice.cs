using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>channel</c>: a named virtio port between guest and host, as the guest agent's. A unix socket without a path is
/// made in the guest's run folder.</summary>
internal sealed class ChannelDevice : GuestDevice, ICharacterDevice, IVirtioSerialDevice
{
    public ChannelDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Backend = new CharacterBackend(element, context, mayOpenPath: true);
        XElement target = element.Element("target") ?? throw XmlFault.Invalid(element, "the element target is missing");
        if (target.Choice("type", "virtio", "guestfwd", "xen") is not "virtio" and var type)
            throw XmlFault.Unsupported(
                target, $"a channel of type '{type}' is not supported by this version", "Use type='virtio'.");
        context.RequireDevice(element, "virtserialport");
        Name = target.Text("name");
        if (Name is not null && context.Of<ChannelDevice>().Any(other => other.Name == Name))
            throw XmlFault.Invalid(target, $"two channels have the name '{Name}'");
    }

    /// <summary>The port's name inside the guest, as <c>org.qemu.guest_agent.0</c>; null for the number alone.</summary>
    public string? Name { get; }

    /// <inheritdoc/>
    public CharacterBackend Backend { get; }

    /// <inheritdoc/>
    public bool IsOnVirtioSerial => true;

    /// <inheritdoc/>
    public int FirstPort => 1;

    /// <inheritdoc/>
    public VirtioSerialPort? VirtioSerialPort { get; set; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string chardev = Backend.AddTo(arguments, Alias);
        arguments.AddDevice(
            NewDevice("virtserialport").OnVirtioSerial(VirtioSerialPort, Context).With("chardev", chardev).With("name", Name));
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => Backend.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => Backend.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("channel");
}
