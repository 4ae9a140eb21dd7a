using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary>How fast the guest's cells reach memory, and the caches in between (ACPI's HMAT).</summary>
internal sealed class NumaPerformance
{
    private static readonly string[] Hierarchy = ["memory", "first-level", "second-level", "third-level"];
    private readonly IReadOnlyList<NumaCell> _cells;
    private readonly IReadOnlyList<NumaInterconnect> _links;
    private readonly List<OptionString> _caches = [];

    private NumaPerformance(IReadOnlyList<NumaCell> cells, IReadOnlyList<NumaInterconnect> links)
    {
        _cells = cells;
        _links = links;
        foreach (NumaCell cell in cells)
        {
            var levels = new HashSet<int>();
            foreach (XElement cache in cell.Element.Elements("cache"))
                _caches.Add(Read(cell, cache, levels));
        }
    }

    /// <summary>Reads caches and <c>interconnects</c>; null when there are none.</summary>
    public static NumaPerformance? Read(XElement numa, IReadOnlyList<NumaCell> cells)
    {
        var performance = new NumaPerformance(cells, NumaInterconnect.Read(numa, cells));
        return performance._links.Count + performance._caches.Count > 0 ? performance : null;
    }

    /// <summary>The cell whose processors reach a cell's memory best.</summary>
    public int InitiatorOf(NumaCell cell)
    {
        if (cell.Cpus is not null)
            return cell.Id;
        NumaInterconnect? best = _links.Where(link => link.Target == cell.Id && link.Cache == 0)
            .OrderBy(link => link.IsLatency ? link.Value : -link.Value).FirstOrDefault();
        return best?.Initiator ?? _cells.FirstOrDefault(other => other.Cpus is not null)?.Id ?? 0;
    }

    /// <summary>Writes them; QEMU wants the caches last.</summary>
    public void AddTo(QemuArguments arguments)
    {
        foreach (NumaInterconnect link in _links)
        {
            arguments.Add("-numa", new OptionString("hmat-lb").With("initiator", link.Initiator).With("target", link.Target)
                .With("hierarchy", Hierarchy[link.Cache]).With("data-type", $"{link.Access}-{(link.IsLatency ? "latency" : "bandwidth")}")
                .With(link.IsLatency ? "latency" : "bandwidth", link.IsLatency ? $"{link.Value}" : $"{link.Value >> 10}K"));
        }

        foreach (OptionString cache in _caches)
            arguments.Add("-numa", cache);
    }

    private static OptionString Read(NumaCell cell, XElement cache, HashSet<int> levels)
    {
        int level = cache.Integer("level", 1, 3) ?? throw XmlFault.Invalid(cache, "the attribute level is missing");
        if (!levels.Add(level))
            throw XmlFault.Invalid(cache, $"two caches of cell {cell.Id} have the level {level}");
        string associativity = cache.Choice("associativity", "none", "direct", "full")
            ?? throw XmlFault.Invalid(cache, "the attribute associativity is missing");
        string policy = cache.Choice("policy", "none", "writeback", "writethrough")
            ?? throw XmlFault.Invalid(cache, "the attribute policy is missing");
        long size = cache.Element("size") is { } given && ScaledSize.Read(given, "value", "KiB") is { } bytes
            ? bytes
            : throw XmlFault.Invalid(cache, "the element size, with a value, is missing");
        long line = cache.Element("line") is { } element && ScaledSize.Read(element, "value", "B") is { } width
            ? width
            : throw XmlFault.Invalid(cache, "the element line, with a value, is missing");
        return new OptionString("hmat-cache").With("node-id", cell.Id).With("size", $"{size >> 10}K").With("level", level)
            .With("associativity", associativity == "full" ? "complex" : associativity)
            .With("policy", policy switch { "writeback" => "write-back", "writethrough" => "write-through", _ => policy })
            .With("line", line > 0 ? line : null);
    }
}
