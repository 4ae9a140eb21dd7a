using System.Numerics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>driver</c> of a virtio card: queues and their sizes, and which work the guest may leave to the host.</summary>
internal sealed class InterfaceOffloads
{
    private const int SmallestQueue = 256;
    private const int LargestQueue = 1024;

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

    /// <summary>How many queues the card has.</summary>
    public int Queues { get; private init; } = 1;

    /// <summary>Who moves the frames: <c>vhost</c> (the kernel) or <c>qemu</c>; null for the best there is.</summary>
    public string? Driver { get; private init; }

    /// <summary>Reads the element; other cards than virtio ones have no such options.</summary>
    public static InterfaceOffloads Read(XElement card, bool virtio, GuestContext context)
    {
        if (card.Element("driver") is not { } driver)
            return new InterfaceOffloads();
        int? queues = driver.Integer("queues", 0, ushort.MaxValue);
        if (!virtio)
        {
            context.Warn(driver, "has an effect on virtio cards only");
            foreach (string option in (ReadOnlySpan<string>)["iommu", "ats", "packed", "page_per_vq"])
            {
                if (driver.Attribute(option) is { } found)
                    throw XmlFault.Unsupported(found, "only virtio cards have it");
            }

            return new InterfaceOffloads();
        }

        var result = new InterfaceOffloads { Queues = queues is > 1 ? queues.Value : 1, Driver = driver.Choice("name", "qemu", "vhost") };
        result._properties
            .With("tx", driver.Choice("txmode", "timer", "iothread") switch { "iothread" => "bh", var mode => mode })
            .With("rx_queue_size", QueueSize(driver, "rx_queue_size", context))
            .With("tx_queue_size", QueueSize(driver, "tx_queue_size", context))
            .With("event_idx", driver.Flag("event_idx")).With("ioeventfd", driver.Flag("ioeventfd"));
        result.Add(driver.Element("host"), Host);
        result.Add(driver.Element("guest"), Guest);
        result._properties.With("rss", driver.Flag("rss")).With("hash", driver.Flag("rss_hash_report"));
        if (result.Queues > 1)
            result._properties.With("mq", true).With("vectors", (2L * result.Queues) + 2);
        return result;
    }

    /// <summary>Writes the properties.</summary>
    public void AddTo(JsonObject device)
    {
        foreach ((string key, JsonNode? value) in _properties)
            device[key] = value!.DeepClone();
    }

    private static long? QueueSize(XElement driver, string attribute, GuestContext context)
    {
        if (driver.Integer(attribute, 0, int.MaxValue) is not { } size || size == 0)
            return null;
        if (!BitOperations.IsPow2(size))
            throw XmlFault.Unsupported(driver.Attribute(attribute)!, $"{size} is not a power of two");
        if (size is < SmallestQueue or > LargestQueue)
            context.FailStart(driver.Attribute(attribute)!, $"QEMU's queues have {SmallestQueue} to {LargestQueue} entries, not {size}");
        return size;
    }

    private void Add(XElement? element, (string Attribute, string Property)[] offloads)
    {
        foreach ((string attribute, string property) in offloads)
            _properties.With(property, element?.Flag(attribute));
    }
}
