using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary><c>numatune</c>: on which of the host's NUMA nodes the guest's memory lies.</summary>
internal sealed class NumaTuning
{
    private static readonly string[] Modes = ["strict", "preferred", "interleave", "restrictive"];
    private readonly Dictionary<int, (string Mode, IndexSet Nodes)> _cells = [];
    private readonly (string Mode, IndexSet Nodes)? _all;

    public NumaTuning(GuestContext context, int cells)
    {
        XElement root = context.General.Root;
        XElement[] given = [.. root.Elements("numatune")];
        if (given.Length > 1)
            throw XmlFault.Invalid(given[1], "a domain has only one");
        bool isStatic = root.Element("vcpu")?.Choice("placement", "static", "auto") != "auto";
        XElement? memory = given.FirstOrDefault()?.Element("memory");
        string mode = memory?.Choice("mode", Modes) ?? "strict";
        IndexSet? nodes = memory is null ? null : IndexSet.Read(memory, "nodeset");
        string? placement = memory?.Choice("placement", "static", "auto");
        if (memory?.HasAttributes == true)
            placement ??= nodes is not null || isStatic ? "static" : "auto";
        if (placement == "static" && nodes is null)
            throw XmlFault.Invalid(memory!, "the attribute nodeset is missing", "Name the nodes, or say placement='auto'.");
        if (placement == "auto" && mode == "restrictive")
            throw XmlFault.Invalid(memory!, "the mode 'restrictive' needs placement 'static'");
        if (placement == "static")
            _all = (mode, nodes!);
        if (placement == "auto" || !isStatic)
        {
            context.FailStart(
                memory ?? root.Element("vcpu")!, "automatic placement needs an advisor of the host (numad), which is not used here",
                "Say placement='static' and which processors and nodes.");
        }

        foreach (XElement node in given.FirstOrDefault()?.Elements("memnode") ?? [])
            Read(node, cells, placement, mode);
    }

    /// <summary>All host nodes that are named.</summary>
    public IEnumerable<int> HostNodes => _cells.Values.Concat(_all is { } all ? [all] : []).SelectMany(entry => entry.Nodes.Members).Distinct();

    /// <summary>The host nodes for a cell's memory and QEMU's policy; null when QEMU is told nothing.</summary>
    public (string Policy, IndexSet Nodes)? For(int? cell)
    {
        (string Mode, IndexSet Nodes)? found = cell is { } number && _cells.TryGetValue(number, out (string, IndexSet) own) ? own : _all;
        return found is { } entry && entry.Mode != "restrictive" ? (PolicyOf(entry.Mode), entry.Nodes) : null;
    }

    /// <summary>QEMU's name of the policy that applies to a cell, for nodes that a device names itself.</summary>
    public string PolicyFor(int? cell) => For(cell)?.Policy ?? "bind";

    private static string PolicyOf(string mode) => mode == "strict" ? "bind" : mode;

    private void Read(XElement node, int cells, string? placement, string mode)
    {
        if (placement == "auto")
            throw XmlFault.Unsupported(node, "cells cannot be bound while placement is 'auto'");
        if (cells == 0)
            throw XmlFault.Invalid(node, "the guest has no NUMA cells");
        int cell = node.Integer("cellid", 0, int.MaxValue) ?? throw XmlFault.Invalid(node, "the attribute cellid is missing");
        if (cell >= cells)
            throw XmlFault.Invalid(node, $"the guest has no NUMA cell {cell}");
        string own = node.Choice("mode", Modes) ?? "strict";
        if (mode == "restrictive" && own != "restrictive")
            throw XmlFault.Invalid(node, "its mode must be 'restrictive' as that of memory is");
        IndexSet nodes = IndexSet.Read(node, "nodeset") ?? throw XmlFault.Invalid(node, "the attribute nodeset is missing");
        if (!_cells.TryAdd(cell, (own, nodes)))
            throw XmlFault.Invalid(node, $"two are for cell {cell}");
    }
}
