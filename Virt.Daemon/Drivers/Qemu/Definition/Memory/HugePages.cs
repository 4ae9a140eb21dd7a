using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary>Huge pages for the guest's memory, or for that of some of its NUMA cells.</summary>
/// <param name="Size">Bytes of a page; 0 for the host's default.</param>
/// <param name="Cells">The cells; null for all that no other entry names.</param>
/// <param name="Element">The entry.</param>
internal sealed record HugePages(long Size, IndexSet? Cells, XElement Element)
{
    private const int Maximum = 256;

    /// <summary>Reads <c>hugepages</c>.</summary>
    public static IReadOnlyList<HugePages> Read(XElement? list, int cells)
    {
        if (list is null)
            return [];
        HugePages[] pages = list.HasElements
            ? [
                .. list.Elements("page").Select(page => new HugePages(
                    ScaledSize.Read(page, "size", "KiB") ?? throw XmlFault.Invalid(page, "the attribute size is missing"),
                    IndexSet.Read(page, "nodeset"), page)),
            ]
            : [new HugePages(0, null, list)];
        if (pages.Length > Maximum)
            throw XmlFault.Invalid(list, $"it has more than {Maximum} entries");
        foreach ((int index, HugePages page) in pages.Index())
            Check(page, pages.Take(index), cells);
        return pages;
    }

    private static void Check(HugePages page, IEnumerable<HugePages> before, int cells)
    {
        if (page.Cells is { } set && set.Greatest >= cells)
            throw XmlFault.Invalid(page.Element, $"the guest has no NUMA cell {set.Members.First(member => member >= cells)}");
        if (before.Any(other => page.Cells is null ? other.Cells is null : other.Cells?.Overlaps(page.Cells) == true))
            throw XmlFault.Invalid(page.Element, "two entries are for the same NUMA cells");
    }
}
