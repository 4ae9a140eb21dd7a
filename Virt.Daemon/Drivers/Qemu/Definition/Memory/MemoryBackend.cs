using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;

namespace Virt.Daemon.Drivers.Qemu.Definition.Memory;

/// <summary>A piece of the guest's memory, for which QEMU is given a <c>memory-backend</c> object. Bytes.</summary>
/// <param name="Id">The object's id.</param>
/// <param name="Size">How much.</param>
/// <param name="Cell">The NUMA cell it belongs to; null for none.</param>
internal sealed record MemoryBackend(string Id, long Size, int? Cell)
{
    /// <summary>Whether it is there when the machine is made, not of a device.</summary>
    public bool IsSystem { get; init; }

    /// <summary>The file or device of persistent memory; null for memory of the host.</summary>
    public string? Path { get; init; }

    /// <summary>Whether <see cref="Path"/> is real persistent memory.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether the guest takes and gives it back in parts, so that nothing is set aside for it.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Alignment; null for QEMU's.</summary>
    public long? Alignment { get; init; }

    /// <summary><c>shared</c> or <c>private</c> where it differs from the domain's.</summary>
    public string? Access { get; init; }

    /// <summary>Discard where it differs from the domain's.</summary>
    public bool? Discard { get; init; }

    /// <summary>The page size where it differs from the domain's.</summary>
    public long? PageSize { get; init; }

    /// <summary>Host nodes where they differ from the domain's.</summary>
    public IndexSet? HostNodes { get; init; }

    /// <summary>Whether QEMU's own allocation would be the same.</summary>
    public bool IsPlain(GuestMemory memory) =>
        PagesOf(memory) is null && AccessOf(memory) is null && memory.Backing.Source is null or "anonymous" && !memory.Backing.IsImmediate
        && memory.Tuning.For(Cell) is null && Path is null;

    /// <summary>The object.</summary>
    /// <param name="memory">The guest's memory.</param>
    /// <param name="folder">Where its files lie.</param>
    public JsonObject ToJson(GuestMemory memory, string folder)
    {
        string? access = AccessOf(memory);
        long? pages = PagesOf(memory);
        bool isFile = Path is not null || pages is null && memory.Backing.IsInFiles;
        bool isDescriptor = !isFile && (pages is not null || memory.Backing.Source == "memfd" || access is not null);
        JsonObject backend = JsonProperties.Object(isFile ? "memory-backend-file" : isDescriptor ? "memory-backend-memfd" : "memory-backend-ram", Id);
        if (isDescriptor && pages is { } size)
            backend.With("hugetlb", true).With("hugetlbsize", size > 0 ? size : null);
        if (isFile)
        {
            backend.With("mem-path", Path ?? folder)
                .With("discard-data", Path is null ? Discard ?? CellOf(memory)?.Discard ?? memory.Backing.IsDiscarded : null);
        }

        backend.With("share", access is null ? null : access == "shared")
            .With("x-use-canonical-path-for-ramblock-id", IsSystem && (isFile || isDescriptor) ? false : null);
        bool allocates = !IsPersistent && !IsPartial && (memory.Backing.IsImmediate || pages is not null);
        backend.With("reserve", IsPartial ? false : null).With("prealloc", allocates ? true : null)
            .With("prealloc-threads", allocates ? memory.Backing.Threads : null).With("size", Size).With("align", Alignment)
            .With("pmem", IsPersistent && Path is not null ? true : null);
        return AddNodes(backend, memory);
    }

    private JsonObject AddNodes(JsonObject backend, GuestMemory memory)
    {
        if ((HostNodes is { } own ? (memory.Tuning.PolicyFor(Cell), own) : memory.Tuning.For(Cell)) is not var (policy, nodes))
            return backend;
        backend["host-nodes"] = new JsonArray([.. nodes.Members.Select(node => (JsonNode)node)]);
        return backend.With("policy", policy);
    }

    private string? AccessOf(GuestMemory memory) => Access ?? CellOf(memory)?.Access ?? memory.Backing.Access;

    /// <summary>The size of huge pages, 0 for the host's default size; null for ordinary pages.</summary>
    private long? PagesOf(GuestMemory memory) => Path is not null ? null
        : PageSize is { } own ? own == Environment.SystemPageSize ? null : own
        : memory.Backing.PagesOf(Cell)?.Size;

    private NumaCell? CellOf(GuestMemory memory) => Cell is { } cell && cell < memory.Cells.Count ? memory.Cells[cell] : null;
}
