using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary>How much memory a guest has, in which cells, and where it may grow to. Bytes.</summary>
internal sealed class GuestMemory
{
    private const long Mebibyte = 1 << 20;

    public GuestMemory(GuestContext context)
    {
        DomainDefinition general = context.General;
        XElement root = general.Root;
        Cells = NumaCell.Read(root.Element("cpu")?.Element("numa"), general.MaximumVCpu);
        Backing = new MemoryBacking(root.Element("memoryBacking"), Cells.Count);
        Tuning = new NumaTuning(context, Cells.Count);
        long plugged = Plugged(root);
        if (Cells.Count > 0)
            general.MaximumMemory = Cells.Sum(cell => cell.Memory) + plugged;
        else if (plugged >= general.MaximumMemory)
            throw XmlFault.Invalid(root.Element("memory")!, $"it includes memory devices, which have {plugged >> 10} KiB");
        if (general.Memory > general.MaximumMemory)
            general.Memory = general.MaximumMemory;
        Initial = Cells.Count > 0 ? Cells.Sum(CellSize) : Align(general.MaximumMemory - plugged);
        if (root.Element("maxMemory") is not { } maximum)
            return;
        Maximum = Align(ScaledSize.Read(maximum, "KiB"));
        Slots = maximum.Integer("slots", 0, 256) ?? 0;
        if (Slots == 0 || Maximum == 0)
            throw XmlFault.Invalid(maximum, "it needs a size and the attribute slots");
        if (Maximum < general.MaximumMemory)
            throw XmlFault.Invalid(maximum, $"it is less than the domain's memory of {general.MaximumMemory >> 10} KiB");
        if (Cells.Count == 0)
            context.FailStart(maximum, "a guest whose memory is to grow needs a NUMA cell", "Add <numa><cell id='0' .../></numa> to cpu.");
    }

    /// <summary>The guest's NUMA cells; empty for a guest without.</summary>
    public IReadOnlyList<NumaCell> Cells { get; }

    /// <summary>What it is made of.</summary>
    public MemoryBacking Backing { get; }

    /// <summary>On which host nodes.</summary>
    public NumaTuning Tuning { get; }

    /// <summary>The memory without memory devices, whole mebibytes.</summary>
    public long Initial { get; }

    /// <summary>The most memory with devices; 0 when none can be plugged.</summary>
    public long Maximum { get; }

    /// <summary>How many memory devices can be plugged.</summary>
    public int Slots { get; }

    /// <summary>A cell's memory, whole mebibytes.</summary>
    public static long CellSize(NumaCell cell) => Align(cell.Memory);

    /// <summary>The next whole mebibyte, in which x86 machines count.</summary>
    public static long Align(long bytes) => (bytes + Mebibyte - 1) / Mebibyte * Mebibyte;

    private static long Plugged(XElement root)
    {
        long sum = 0;
        foreach (XElement size in root.Element("devices")?.Elements("memory").Elements("target").Elements("size") ?? [])
        {
            long bytes = ScaledSize.Read(size, "KiB");
            sum = bytes < 1L << 50 && sum < 1L << 50 ? sum + bytes : throw XmlFault.Invalid(size, "it is too large");
        }

        return sum;
    }
}
