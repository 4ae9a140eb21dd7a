using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary><c>memoryBacking</c>: what the guest's memory is made of on the host.</summary>
internal sealed class MemoryBacking
{
    public MemoryBacking(XElement? backing, int cells)
    {
        XElement? hugepages = backing?.Element("hugepages");
        Pages = HugePages.Read(hugepages, cells);
        Source = backing?.Element("source")?.Choice("type", "file", "anonymous", "memfd");
        Access = backing?.Element("access")?.Choice("mode", "shared", "private");
        string? allocation = backing?.Element("allocation")?.Choice("mode", "immediate", "ondemand");
        IsImmediate = allocation == "immediate";
        Threads = backing?.Element("allocation")?.Integer("threads", 1, 4096);
        IsDiscarded = backing?.Element("discard") is not null ? true : null;
        IsLocked = backing?.Element("locked") is not null;
        IsMergeable = backing?.Element("nosharepages") is null;
        if (hugepages is not null && (allocation == "ondemand" || Source == "anonymous"))
        {
            throw XmlFault.Unsupported(
                hugepages, allocation == "ondemand" ? "huge pages cannot be allocated on demand" : "huge pages are not anonymous memory");
        }
    }

    /// <summary>Huge pages; empty for ordinary ones.</summary>
    public IReadOnlyList<HugePages> Pages { get; }

    /// <summary><c>file</c>, <c>anonymous</c>, <c>memfd</c>; null where it is not said.</summary>
    public string? Source { get; }

    /// <summary><c>shared</c> or <c>private</c>; null where it is not said.</summary>
    public string? Access { get; }

    /// <summary>Whether all of it is allocated at start.</summary>
    public bool IsImmediate { get; }

    /// <summary>How many threads allocate it.</summary>
    public int? Threads { get; }

    /// <summary>Whether its content may be thrown away at the end.</summary>
    public bool? IsDiscarded { get; }

    /// <summary>Whether it is never swapped out.</summary>
    public bool IsLocked { get; }

    /// <summary>Whether the host may merge equal pages.</summary>
    public bool IsMergeable { get; }

    /// <summary>Whether memory lies in files, as far as it has no huge pages.</summary>
    public bool IsInFiles => Source == "file";

    /// <summary>The huge pages of a NUMA cell, or of a guest without cells; null for ordinary ones.</summary>
    public HugePages? PagesOf(int? cell)
    {
        HugePages? found = (cell is { } number ? Pages.FirstOrDefault(pages => pages.Cells?.Contains(number) == true) : null)
            ?? Pages.FirstOrDefault(pages => pages.Cells is null);
        return found?.Size == Environment.SystemPageSize ? null : found;
    }
}
