using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Sections;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>driver iothread</c> attribute.</summary>
internal static class IOThreadReference
{
    /// <summary>The <c>iothreads</c> element, in QEMU's form; null when there is none.</summary>
    public static JsonArray? ReadMapping(XElement driver, GuestContext context)
    {
        if (driver.Element("iothreads") is not { } list)
            return null;
        if (driver.Attribute("iothread") is { } one)
            throw XmlFault.Invalid(one, "it cannot be combined with the element iothreads");
        var mapping = new JsonArray();
        foreach (XElement thread in list.Elements("iothread"))
        {
            JsonObject entry = new() { ["iothread"] = Id(thread.Attribute("id") ?? throw XmlFault.Invalid(thread, "the attribute id is missing"), thread.Integer("id", 1, int.MaxValue)!.Value, context) };
            if (thread.Elements("queue").Any())
            {
                entry["vqs"] = new JsonArray([.. thread.Elements("queue").Select(queue => JsonValue.Create(
                    queue.Number("id", 0, 65535) ?? throw XmlFault.Invalid(queue, "the attribute id is missing")))]);
            }

            mapping.Add((JsonNode)entry);
        }

        return mapping;
    }

    /// <summary>QEMU's id of the thread that the attribute names; null when there is none.</summary>
    public static string? Read(XElement driver, GuestContext context)
    {
        if (driver.Integer("iothread", 1, int.MaxValue) is not { } number)
            return null;
        return Id(driver.Attribute("iothread")!, number, context);
    }

    private static string Id(XAttribute at, int number, GuestContext context) =>
        IOThreadsSection.Numbers(context.General).Contains(number)
            ? string.Create(CultureInfo.InvariantCulture, $"iothread{number}")
            : throw XmlFault.Invalid(at, $"there is no iothread {number}", "Add iothreads to the domain.");
}
