using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary>How fast one cell reaches the memory of another: <c>latency</c> in nanoseconds, <c>bandwidth</c> in bytes a
/// second.</summary>
internal sealed record NumaInterconnect(bool IsLatency, int Initiator, int Target, int Cache, string Access, long Value)
{
    /// <summary>Reads <c>cpu/numa/interconnects</c>.</summary>
    public static IReadOnlyList<NumaInterconnect> Read(XElement? numa, IReadOnlyList<NumaCell> cells)
    {
        List<NumaInterconnect> links = [];
        HashSet<NumaInterconnect> seen = [];
        HashSet<(int, int)> ways = [];
        foreach (XElement element in numa?.Element("interconnects")?.Elements().Where(link => link.Name.LocalName is "latency" or "bandwidth") ?? [])
        {
            NumaInterconnect link = ReadLink(element, cells);
            if (!seen.Add(link with { Value = 0 }))
                throw XmlFault.Invalid(element, "it is given twice");
            if (link.Initiator != link.Target && ways.Contains((link.Target, link.Initiator)))
                throw XmlFault.Invalid(element, "the other direction is given already");
            ways.Add((link.Initiator, link.Target));
            links.Add(link);
        }

        return links;
    }

    private static NumaInterconnect ReadLink(XElement element, IReadOnlyList<NumaCell> cells)
    {
        bool isLatency = element.Name.LocalName == "latency";
        NumaCell initiator = Cell(element, "initiator", cells), target = Cell(element, "target", cells);
        if (initiator.Cpus is null)
            throw XmlFault.Invalid(element, $"the cell {initiator.Id} has no virtual CPUs that could initiate");
        int cache = element.Integer("cache", 0, int.MaxValue) ?? 0;
        if (cache > 0 && !target.Element.Elements("cache").Any(level => level.Integer("level", 1, 3) == cache))
            throw XmlFault.Invalid(element, $"the cell {target.Id} has no cache of level {cache}");
        long value = (isLatency ? element.Number("value", 1, long.MaxValue) : ScaledSize.Read(element, "value", "KiB"))
            ?? throw XmlFault.Invalid(element, "the attribute value is missing");
        return new NumaInterconnect(
            isLatency, initiator.Id, target.Id, cache,
            element.Choice("type", "access", "read", "write") ?? throw XmlFault.Invalid(element, "the attribute type is missing"), value);
    }

    private static NumaCell Cell(XElement element, string attribute, IReadOnlyList<NumaCell> cells) =>
        (element.Integer(attribute, 0, int.MaxValue) ?? throw XmlFault.Invalid(element, $"the attribute {attribute} is missing")) is var id
        && id < cells.Count
            ? cells[id]
            : throw XmlFault.Invalid(element.Attribute(attribute)!, $"there is no cell {id}");
}
