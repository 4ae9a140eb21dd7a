using System.Globalization;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>A set of processors or NUMA nodes, written <c>0-3,^2,8</c>: ranges, numbers, and after <c>^</c> what is not in
/// it.</summary>
internal sealed class IndexSet
{
    private const int Limit = 16384;
    private const int MaximumParts = 1024;
    private readonly (int First, int Last)[] _ranges;

    private IndexSet(ReadOnlySpan<bool> marks)
    {
        List<(int First, int Last)> ranges = [];
        for (int first = marks.IndexOf(true); first >= 0;)
        {
            int length = marks[first..].IndexOf(false);
            int end = length < 0 ? marks.Length : first + length;
            ranges.Add((first, end - 1));
            int gap = marks[end..].IndexOf(true);
            first = gap < 0 ? -1 : end + gap;
        }

        _ranges = [.. ranges];
    }

    /// <summary>The members, ascending.</summary>
    public IEnumerable<int> Members => _ranges.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1));

    /// <summary>The greatest member.</summary>
    public int Greatest => _ranges[^1].Last;

    /// <summary>A set of these.</summary>
    public static IndexSet Of(IEnumerable<int> members)
    {
        var marks = new bool[Limit];
        foreach (int member in members)
            marks[member] = true;
        return new IndexSet(marks);
    }

    /// <summary>The set that an attribute names; null when it is absent.</summary>
    public static IndexSet? Read(XElement element, string attribute) =>
        element.Attribute(attribute) is { } found ? Parse(found, found.Value) : null;

    /// <summary>Reads a set, which has members.</summary>
    public static IndexSet Parse(XObject at, string text)
    {
        var marks = new bool[Limit];
        string[] parts = text.Split(',', MaximumParts + 1, StringSplitOptions.TrimEntries);
        foreach (string part in parts)
        {
            bool without = part.StartsWith('^');
            string[] ends = (without ? part[1..] : part).Split('-', 3);
            if (parts.Length > MaximumParts || ends.Length > 2 || (without && ends.Length > 1)
                || !TryRead(ends[0], out int first) || !TryRead(ends[^1], out int last) || last < first)
                throw XmlFault.Invalid(at, $"'{Shorten(text)}' is not a set of numbers below {Limit}", "Write it as '0-3,^2,8'.");
            marks.AsSpan(first, last - first + 1).Fill(!without);
        }

        var set = new IndexSet(marks);
        return set._ranges.Length > 0 ? set : throw XmlFault.Invalid(at, $"'{Shorten(text)}' is an empty set");
    }

    /// <summary>Whether the sets have a member in common.</summary>
    public bool Overlaps(IndexSet other) => _ranges.Any(
        range => other._ranges.Any(theirs => theirs.First <= range.Last && range.First <= theirs.Last));

    /// <summary>Whether it is a member.</summary>
    public bool Contains(int index) => _ranges.Any(range => index >= range.First && index <= range.Last);

    /// <summary>Its runs, each as <c>3</c> or <c>0-2</c>.</summary>
    public IEnumerable<string> Ranges() => _ranges.Select(range => range.First == range.Last
        ? range.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}"));

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Ranges());

    private static string Shorten(string text) => text.Length > 60 ? text[..60] + "..." : text;

    private static bool TryRead(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Limit;
}
