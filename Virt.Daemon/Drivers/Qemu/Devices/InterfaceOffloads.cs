using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>driver</c> of a virtio card: queue sizes, and which work the guest may leave to the host.</summary>
internal sealed class InterfaceOffloads
{
    private static readonly (string Attribute, string Property)[] Host =
    [
        ("csum", "csum"), ("gso", "gso"), ("tso4", "host_tso4"), ("tso6", "host_tso6"), ("ecn", "host_ecn"), ("ufo", "host_ufo"),
        ("mrg_rxbuf", "mrg_rxbuf"),
    ];

    private static readonly (string Attribute, string Property)[] Guest =
    [
        ("csum", "guest_csum"), ("tso4", "guest_tso4"), ("tso6", "guest_tso6"), ("ecn", "guest_ecn"), ("ufo", "guest_ufo"),
    ];

    private readonly JsonObject _properties = [];

    private InterfaceOffloads()
    {
    }

    /// <summary>Reads the element; other cards have no such options.</summary>
    public static InterfaceOffloads Read(XElement card, bool virtio)
    {
        var result = new InterfaceOffloads();
        if (!virtio || card.Element("driver") is not { } driver)
            return result;
        result._properties
            .With("tx", driver.Choice("txmode", "timer", "iothread") switch { "iothread" => "bh", var mode => mode })
            .With("rx_queue_size", driver.Number("rx_queue_size", 256, 1024))
            .With("tx_queue_size", driver.Number("tx_queue_size", 256, 1024))
            .With("event_idx", driver.Flag("event_idx")).With("ioeventfd", driver.Flag("ioeventfd"));
        result.Add(driver.Element("host"), Host);
        result.Add(driver.Element("guest"), Guest);
        return result;
    }

    /// <summary>Writes the properties.</summary>
    public void AddTo(JsonObject device)
    {
        foreach ((string key, JsonNode? value) in _properties)
            device[key] = value!.DeepClone();
    }

    private void Add(XElement? element, (string Attribute, string Property)[] offloads)
    {
        foreach ((string attribute, string property) in offloads)
            _properties.With(property, element?.Flag(attribute));
    }
}
