using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>audio</c>: where sound goes. Only nowhere, which libvirt writes into every export.</summary>
internal sealed class AudioDevice : GuestDevice
{
    private readonly int _id;

    public AudioDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Required("type") is not "none" and var type)
            throw XmlFault.Unsupported(element, $"audio of type '{type}' is not supported by this version", "Use type='none'.");
        _id = element.Integer("id", 1, 255) ?? throw XmlFault.Invalid(element, "the attribute id is missing");
        if (context.Of<AudioDevice>().Any(other => other._id == _id))
            throw XmlFault.Invalid(element, $"two audio elements have the id {_id}");
    }

    /// <inheritdoc/>
    public override bool ShowsAlias => false;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) =>
        arguments.Add("-audiodev", new JsonObject { ["id"] = $"audio{_id}", ["driver"] = "none" });

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => $"audio{_id}";
}
