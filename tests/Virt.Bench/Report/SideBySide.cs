namespace Virt.Bench.Report;

/// <summary>The rows as a table of ratios.</summary>
internal static class SideBySide
{
    /// <summary>The table's lines.</summary>
    public static IEnumerable<string> Lines(IEnumerable<Row> rows)
    {
        var table = new Table("work", "unit", "ours", "libvirt", "bare QEMU", "to libvirt", "to bare", "goal", "result");
        foreach (Row row in rows)
        {
            table.Add(
                row.Work, row.Unit, Table.Figure(row.Ours), Table.Figure(row.Libvirt), Table.Figure(row.Bare), Table.Figure(row.ToLibvirt),
                Table.Figure(row.ToBare), string.Join(", ", row.Goals), row.Goals.Count == 0 ? string.Empty : row.Reached ? "reached" : "MISSED");
        }

        return table.Lines();
    }
}
