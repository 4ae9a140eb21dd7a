using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition.Memory;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Resources;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>memory</c>, <c>currentMemory</c>, <c>maxMemory</c>, <c>memoryBacking</c>, <c>numatune</c>: how much, and what it
/// is made of on the host.</summary>
internal sealed class MemorySection : GuestSection
{
    private readonly GuestMemory _memory;

    public MemorySection(GuestContext context)
        : base(context)
    {
        context.Memory = _memory = new GuestMemory(context);
        context.General.MaximumMemory = context.General.MaximumMemory;
        context.General.Memory = context.General.Memory;
    }

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources
    {
        get
        {
            int[] nodes = [.. _memory.Tuning.HostNodes];
            long[] pages = [.. _memory.Backing.Pages.Select(entry => entry.Size).Where(size => size != Environment.SystemPageSize)];
            if (nodes.Length + pages.Length > 0)
                yield return new HostMemoryCheck(nodes, pages);
            if (_memory.Backing.IsInFiles)
                yield return new MemoryFolder();
        }
    }

    private MemoryBackend System => new(Context.Machine.DefaultRamId ?? "pc.ram", _memory.Initial, null) { IsSystem = true };

    private bool HasBackend => _memory.Cells.Count == 0 && !System.IsPlain(_memory);

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments) => arguments.Machine
        .With("mem-merge", _memory.Backing.IsMergeable ? null : false)
        .With("nvdimm", Context.Of<MemoryDevice>().Any(device => device.Model == "nvdimm") ? true : null)
        .With("memory-backend", HasBackend ? System.Id : null);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        arguments.Add("-m", new OptionString().With("size", $"{_memory.Initial >> 10}k")
            .With("slots", _memory.Maximum > 0 ? _memory.Slots : null)
            .With("maxmem", _memory.Maximum > 0 ? $"{_memory.Maximum >> 10}k" : null));
        arguments.Add("-overcommit", new OptionString().With("mem-lock", _memory.Backing.IsLocked));
        if (HasBackend)
            arguments.AddObject(System.ToJson(_memory, Context.Host.MemoryOf(Context.General.Uuid)));
    }
}
