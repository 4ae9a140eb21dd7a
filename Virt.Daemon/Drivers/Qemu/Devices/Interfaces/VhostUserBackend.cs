using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Type <c>vhostuser</c>: a program of the host moves the frames, through memory that it shares with the guest.</summary>
internal sealed class VhostUserBackend : InterfaceBackend
{
    private const int MaximumSocketPath = 107;

    private readonly InterfaceCard _card;
    private readonly string _path;
    private readonly bool _listens;
    private readonly long? _reconnect;

    public VhostUserBackend(InterfaceCard card)
        : base(card.Element, card.Context)
    {
        _card = card;
        if (Source.Required("type") is not "unix" and var type)
            throw XmlFault.Unsupported(Source.Attribute("type")!, $"a vhostuser interface has a source of type 'unix', not '{type}'");
        _path = Source.AbsolutePath("path") ?? throw XmlFault.Invalid(Source, "the attribute path is missing");
        if (System.Text.Encoding.UTF8.GetByteCount(_path) > MaximumSocketPath)
            throw XmlFault.Invalid(Source, $"the path of a unix socket has at most {MaximumSocketPath} bytes");
        _listens = (Source.Choice("mode", "server", "client") ?? throw XmlFault.Invalid(Source, "the attribute mode is missing")) == "server";
        if (!card.IsVirtio)
            throw XmlFault.Invalid(Element.Element("model") ?? Element, "a vhostuser interface has a virtio model");
        _reconnect = ReadReconnect();
    }

    /// <inheritdoc/>
    public override bool TakesQueues => true;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias)
    {
        // QEMU itself waits for the other side when it listens.
        CharacterOptions socket = new CharacterOptions("socket", $"char{alias}")
            .WithAddress("addr", "unix", ("path", "path", _path)).With("reconnect", _reconnect);
        if (_listens)
            socket.With("server", true);
        else
            socket.WithMember("server", false);
        socket.AddTo(arguments);
        arguments.Add(
            "-netdev",
            new JsonObject { ["type"] = "vhost-user", ["chardev"] = $"char{alias}" }
                .With("queues", _card.Offloads.Queues > 1 ? _card.Offloads.Queues : null).With("id", $"host{alias}"));
    }

    private long? ReadReconnect()
    {
        if (Source.Element("reconnect") is not { } reconnect || reconnect.Flag("enabled") is not { } again)
            return null;
        if (_listens && again)
            throw XmlFault.Unsupported(reconnect, "only a source with mode='client' connects again");
        return again
            ? reconnect.Number("timeout", 0, int.MaxValue) ?? throw XmlFault.Invalid(reconnect, "the attribute timeout is missing")
            : _listens ? null : 0;
    }
}
