using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary>How far the guest's cells are from each other (ACPI's SLIT): 10 is near, 255 out of reach. A distance that is given
/// in one direction holds in the other unless that has its own.</summary>
internal sealed class NumaDistances
{
    private const int Local = 10, Remote = 20, Unreachable = 255;
    private readonly int[,] _given;

    private NumaDistances(int[,] given) => _given = given;

    /// <summary>Reads the <c>distances</c> of all cells; null when no cell has any.</summary>
    public static NumaDistances? Read(IReadOnlyList<NumaCell> cells)
    {
        var given = new int[cells.Count, cells.Count];
        bool any = false;
        foreach (NumaCell cell in cells)
        {
            if (cell.Element.Element("distances") is not { } distances)
                continue;
            any = true;
            if (!distances.Elements("sibling").Any())
                throw XmlFault.Invalid(distances, "it has no sibling");
            foreach (XElement sibling in distances.Elements("sibling"))
            {
                int other = sibling.Integer("id", 0, int.MaxValue) ?? throw XmlFault.Invalid(sibling, "the attribute id is missing");
                int value = sibling.Integer("value", Local, Unreachable) ?? throw XmlFault.Invalid(sibling, "the attribute value is missing");
                if (other >= cells.Count)
                    throw XmlFault.Invalid(sibling, $"there is no cell {other}");
                if ((other == cell.Id) != (value == Local))
                    throw XmlFault.Invalid(sibling, $"the distance {value} is not possible from cell {cell.Id} to cell {other}");
                given[cell.Id, other] = value;
            }
        }

        return any ? new NumaDistances(given) : null;
    }

    /// <summary>Writes all of them: QEMU wants all or none.</summary>
    public void AddTo(QemuArguments arguments)
    {
        int count = _given.GetLength(0);
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                int value = from == to ? Local : _given[from, to] > 0 ? _given[from, to] : _given[to, from] > 0 ? _given[to, from] : Remote;
                arguments.Add("-numa", new OptionString("dist").With("src", from).With("dst", to).With("val", value));
            }
        }
    }
}
