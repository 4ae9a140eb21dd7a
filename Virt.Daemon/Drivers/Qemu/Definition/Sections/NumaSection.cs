using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition.Memory;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>cpu/numa</c>: the guest's cells, how far they are from each other, and how fast they reach each other's
/// memory (ACPI's SRAT, SLIT and HMAT).</summary>
internal sealed class NumaSection : GuestSection
{
    private readonly IReadOnlyList<NumaCell> _cells;
    private readonly NumaDistances? _distances;
    private readonly NumaPerformance? _performance;

    public NumaSection(GuestContext context)
        : base(context)
    {
        _cells = context.Memory.Cells;
        if (_cells.Count == 0)
            return;
        XElement numa = context.General.Root.Element("cpu")!.Element("numa")!;
        _distances = NumaDistances.Read(_cells);
        _performance = NumaPerformance.Read(numa, _cells);
        if (_cells.All(cell => cell.Cpus is null))
            context.FailStart(numa, "no cell has virtual CPUs");
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments) => arguments.Machine.With("hmat", _performance is null ? null : true);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        foreach (NumaCell cell in _cells)
        {
            string memory = string.Create(CultureInfo.InvariantCulture, $"ram-node{cell.Id}");
            arguments.AddObject(new MemoryBackend(memory, GuestMemory.CellSize(cell), cell.Id) { IsSystem = true }.ToJson(Context.Memory, Context.Host.MemoryOf(Context.General.Uuid)));
            OptionString node = new OptionString("node").With("nodeid", cell.Id);
            foreach (string range in cell.Cpus?.Ranges() ?? [])
                node.With("cpus", range);
            arguments.Add("-numa", node.With("initiator", _performance?.InitiatorOf(cell)).With("memdev", memory));
        }

        _distances?.AddTo(arguments);
        _performance?.AddTo(arguments);
    }
}
