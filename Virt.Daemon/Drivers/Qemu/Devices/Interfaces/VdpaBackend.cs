using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Type <c>vdpa</c>: a device of the host that speaks virtio itself.</summary>
internal sealed class VdpaBackend : InterfaceBackend
{
    private readonly InterfaceCard _card;
    private readonly string _device;

    public VdpaBackend(InterfaceCard card)
        : base(card.Element, card.Context)
    {
        _card = card;
        _device = Source.AbsolutePath("dev") ?? throw XmlFault.Invalid(Source, "the attribute dev is missing");
        if (Element.Element("model")!.Text("type") != "virtio")
            throw XmlFault.Unsupported(Element.Element("model")!, "an interface of type 'vdpa' has the model 'virtio'");
        if (!File.Exists(_device))
            Context.FailStart(Source.Attribute("dev")!, $"the host has no '{_device}'", "'vdpa dev' and /dev/vhost-vdpa-* tell what is there.");
    }

    /// <inheritdoc/>
    public override bool TakesQueues => true;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias) => arguments.Add(
        "-netdev",
        new JsonObject { ["type"] = "vhost-vdpa", ["vhostdev"] = _device }
            .With("queues", _card.Offloads.Queues > 1 ? _card.Offloads.Queues : null).With("id", $"host{alias}"));
}
