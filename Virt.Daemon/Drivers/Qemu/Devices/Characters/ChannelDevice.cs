using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// <c>channel</c>: a named virtio port between guest and host, as the guest agent's, or an address of the guest's user network
/// that leads to the host (<c>guestfwd</c>). A virtio port's unix socket without a path is made in the guest's run folder.
/// </summary>
internal sealed class ChannelDevice : GuestDevice, ICharacterDevice, IVirtioSerialDevice
{
    private const string SpiceAgent = "com.redhat.spice.0";
    private readonly string _type;
    private readonly GuestForward? _forward;

    public ChannelDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        XElement target = element.Element("target") ?? throw XmlFault.Invalid(element, "the element target is missing");
        _type = target.Choice("type", "virtio", "guestfwd", "xen") ?? throw XmlFault.Invalid(target, "the attribute type is missing");
        Backend = new CharacterBackend(element, context, mayOpenPath: _type != "guestfwd");
        if (Backend.Type == "spicevmc" && _type != "virtio")
            throw XmlFault.Unsupported(element, "a channel of type 'spicevmc' needs a target of type 'virtio'");
        if (_type == "xen")
            context.FailStart(target, "QEMU has no channel of type 'xen'", "Use type='virtio'.");
        if (_type == "guestfwd")
            _forward = new GuestForward(target);
        if (_type != "virtio")
            return;
        context.RequireDevice(element, "virtserialport");
        if (Backend.Type is "spicevmc" or "qemu-vdagent")
            target.SetDefault("name", SpiceAgent);
        Name = target.Text("name");
        if (Name is not null && context.Of<ChannelDevice>().Any(other => other.Name == Name))
            context.FailStart(target, $"two channels have the name '{Name}'");
    }

    /// <summary>The port's name inside the guest, as <c>org.qemu.guest_agent.0</c>; null for the number alone.</summary>
    public string? Name { get; }

    /// <inheritdoc/>
    public CharacterBackend Backend { get; }

    /// <inheritdoc/>
    public bool IsOnVirtioSerial => _type == "virtio";

    /// <inheritdoc/>
    public int FirstPort => 1;

    /// <inheritdoc/>
    public VirtioSerialPort? VirtioSerialPort { get; set; }

    /// <summary>What QEMU's user network is told of it; null for another channel.</summary>
    public string? Forward => _forward?.Rule($"char{Alias}");

    /// <inheritdoc/>
    public override void Connect()
    {
        if (_forward is not null)
            GuestForward.Check(Element, Context);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string chardev = Backend.AddTo(arguments, Alias);
        if (_type == "virtio")
        {
            arguments.AddDevice(
                NewDevice("virtserialport").OnVirtioSerial(VirtioSerialPort, Context).With("chardev", chardev).With("name", Name));
        }
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => Backend.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => Backend.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("channel");
}
