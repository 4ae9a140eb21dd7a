using System.Globalization;

namespace Virt.Bench.Report;

/// <summary>A table of texts: for the console with aligned columns, for documents as Markdown.</summary>
internal sealed class Table(params IReadOnlyList<string> columns)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row.</summary>
    public Table Add(params IReadOnlyList<string> cells)
    {
        _rows.Add(cells);
        return this;
    }

    /// <summary>Both: Markdown whose columns are aligned.</summary>
    public IEnumerable<string> Lines()
    {
        int[] widths = [.. columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(column.Length).Max())];
        yield return Line(columns, widths);
        yield return "| " + string.Join(" | ", widths.Select((width, i) => i == 0 ? new string('-', width) : new string('-', width - 1) + ":")) + " |";
        foreach (IReadOnlyList<string> row in _rows)
            yield return Line(row, widths);
    }

    /// <summary>A figure with three significant digits; nothing where there is none.</summary>
    public static string Figure(double? value) => value switch
    {
        null => string.Empty,
        0 => "0",
        { } number when Math.Abs(number) >= 100 => number.ToString("#,0", CultureInfo.InvariantCulture),
        { } number => number.ToString("F" + Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(number))), 0, 4), CultureInfo.InvariantCulture),
    };

    /// <summary>A number of things.</summary>
    public static string Count(int value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Line(IReadOnlyList<string> cells, int[] widths) =>
        "| " + string.Join(" | ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))) + " |";
}
