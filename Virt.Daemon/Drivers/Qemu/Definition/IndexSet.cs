using System.Globalization;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>A set of processors or NUMA nodes, written <c>0-3,^2,8</c>: ranges, numbers, and after <c>^</c> what is not in
/// it.</summary>
internal sealed class IndexSet
{
    private const int Maximum = 16383;
    private readonly SortedSet<int> _members;

    private IndexSet(SortedSet<int> members) => _members = members;

    /// <summary>The members, ascending.</summary>
    public IReadOnlyCollection<int> Members => _members;

    /// <summary>The least member.</summary>
    public int Least => _members.Min;

    /// <summary>The greatest member.</summary>
    public int Greatest => _members.Max;

    /// <summary>A set of these.</summary>
    public static IndexSet Of(IEnumerable<int> members) => new([.. members]);

    /// <summary>The set that an attribute names; null when it is absent.</summary>
    public static IndexSet? Read(XElement element, string attribute) =>
        element.Attribute(attribute) is { } found ? Parse(found, found.Value) : null;

    /// <summary>Reads a set, which has members.</summary>
    public static IndexSet Parse(XObject at, string text)
    {
        SortedSet<int> members = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            bool without = part.StartsWith('^');
            string[] ends = (without ? part[1..] : part).Split('-');
            if (ends.Length > 2 || (without && ends.Length > 1) || !TryRead(ends[0], out int first) || !TryRead(ends[^1], out int last)
                || last < first)
                throw XmlFault.Invalid(at, $"'{text}' is not a set of numbers", "Write it as '0-3,^2,8'.");
            if (without)
                members.Remove(first);
            else
                members.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return members.Count > 0 ? new IndexSet(members) : throw XmlFault.Invalid(at, $"'{text}' is an empty set");
    }

    /// <summary>Whether the sets have a member in common.</summary>
    public bool Overlaps(IndexSet other) => _members.Overlaps(other._members);

    /// <summary>Whether it is a member.</summary>
    public bool Contains(int index) => _members.Contains(index);

    /// <summary>Its runs, each as <c>3</c> or <c>0-2</c>.</summary>
    public IEnumerable<string> Ranges()
    {
        int? first = null;
        int previous = 0;
        foreach (int member in _members)
        {
            if (first is { } start && member != previous + 1)
            {
                yield return Range(start, previous);
                first = null;
            }

            first ??= member;
            previous = member;
        }

        if (first is { } open)
            yield return Range(open, previous);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Ranges());

    private static string Range(int first, int last) => first == last
        ? first.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    private static bool TryRead(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Maximum;
}
