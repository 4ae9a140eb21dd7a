using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary>One NUMA cell of the guest.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Cpus">Its virtual CPUs; null for a cell of memory alone.</param>
/// <param name="Memory">Bytes of memory at start.</param>
/// <param name="Access"><c>shared</c> or <c>private</c>; null where it is not said.</param>
/// <param name="Discard">Whether its content may be thrown away at the end.</param>
/// <param name="Element">The element.</param>
internal sealed record NumaCell(int Id, IndexSet? Cpus, long Memory, string? Access, bool? Discard, XElement Element)
{
    private const int Maximum = 128;

    /// <summary>Reads <c>cpu/numa</c>: cells by number. Virtual CPUs of no cell go to the first, and that is written back.</summary>
    public static IReadOnlyList<NumaCell> Read(XElement? numa, int vcpus)
    {
        XElement[] elements = [.. numa?.Elements("cell") ?? []];
        if (elements.Length == 0)
        {
            return numa is null || !numa.HasElements && !numa.HasAttributes && numa.Parent is null
                ? []
                : throw XmlFault.Invalid(numa, "it has no cell");
        }

        if (elements.Length > Maximum)
            throw XmlFault.Unsupported(elements[Maximum], $"QEMU has at most {Maximum} NUMA cells");
        var cells = new NumaCell?[elements.Length];
        foreach ((int index, XElement element) in elements.Index())
        {
            NumaCell cell = ReadCell(element, index);
            if (cell.Id >= cells.Length)
                throw XmlFault.Invalid(element, $"the numbers of {cells.Length} cells are 0 to {cells.Length - 1}, each once");
            if (cells[cell.Id] is not null)
                throw XmlFault.Invalid(element, $"two cells have the id {cell.Id}");
            cells[cell.Id] = cell;
        }

        Fill(cells!, vcpus);
        return cells!;
    }

    private static NumaCell ReadCell(XElement element, int index)
    {
        int id = element.Integer("id", 0, int.MaxValue) ?? index;
        element.SetAttributeValue("id", id);
        long memory = ScaledSize.Read(element, "memory", "KiB") ?? throw XmlFault.Invalid(element, "the attribute memory is missing");
        if (memory is <= 0 or >= 1L << 50)
            throw XmlFault.Invalid(element.Attribute("memory")!, "a cell has memory, at most 1 PiB");
        return new NumaCell(
            id, element.Text("cpus") is { Length: > 0 } ? IndexSet.Read(element, "cpus") : null, memory,
            element.Choice("memAccess", "shared", "private"), element.Flag("discard"), element);
    }

    private static void Fill(NumaCell[] cells, int vcpus)
    {
        foreach (NumaCell cell in cells)
        {
            if (cells.FirstOrDefault(other => other.Id < cell.Id && cell.Cpus is not null && other.Cpus?.Overlaps(cell.Cpus) == true) is { } other)
                throw XmlFault.Unsupported(cell.Element, $"the cells {other.Id} and {cell.Id} have virtual CPUs in common");
            if (cell.Cpus?.Greatest >= vcpus)
                throw XmlFault.Unsupported(cell.Element, $"the domain has only {vcpus} virtual CPUs");
        }

        int[] rest = [.. Enumerable.Range(0, vcpus).Where(cpu => !cells.Any(cell => cell.Cpus?.Contains(cpu) == true))];
        if (rest.Length == 0)
            return;
        NumaCell first = cells[0];
        cells[0] = first with { Cpus = IndexSet.Of(rest.Concat(first.Cpus?.Members ?? [])) };
        first.Element.SetAttributeValue("cpus", cells[0].Cpus!.ToString());
    }
}
