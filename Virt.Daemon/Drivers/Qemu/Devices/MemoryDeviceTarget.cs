using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Memory;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>What a memory device gives the guest. Bytes.</summary>
/// <param name="Size">Its size; for virtio-mem the most of it.</param>
/// <param name="Cell">The guest's NUMA cell; null where it is not said.</param>
/// <param name="Label">The size of an NVDIMM's label, which is part of its size.</param>
/// <param name="Block">In which steps a virtio-mem changes.</param>
/// <param name="Requested">How much of a virtio-mem the guest is to take.</param>
/// <param name="IsReadOnly">Whether the guest cannot write an NVDIMM.</param>
internal sealed record MemoryDeviceTarget(long Size, int? Cell, long? Label, long? Block, long? Requested, bool IsReadOnly)
{
    private const long LeastLabel = 128 << 10;
    private const long LeastBlock = 2 << 20;

    /// <summary>Reads <c>target</c>.</summary>
    public static MemoryDeviceTarget Read(XElement device, string model, GuestContext context)
    {
        XElement target = device.Element("target") ?? throw XmlFault.Invalid(device, "the element target is missing");
        int? cell = target.Element("node") is { } node ? (int)node.Number(0, int.MaxValue) : null;
        if (cell >= context.Memory.Cells.Count)
            throw XmlFault.Invalid(target.Element("node")!, $"the guest has no NUMA cell {cell}");
        long size = target.Element("size") is { } given ? ScaledSize.Read(given, "KiB") : throw XmlFault.Invalid(target, "the element size is missing");
        if (size is <= 0 or >= 1L << 50)
            throw XmlFault.Invalid(target.Element("size")!, "a memory device has memory, at most 1 PiB");
        long? label = model == "nvdimm" && target.Element("label")?.Element("size") is { } labelled ? ScaledSize.Read(labelled, "KiB") : null;
        if (label < LeastLabel || label >= size)
            throw XmlFault.Invalid(target.Element("label")!, "a label has 128 KiB or more, and less than the device");
        if (model != "virtio-mem")
            return new MemoryDeviceTarget(GuestMemory.Align(size), cell, label, null, null, model == "nvdimm" && target.Element("readonly") is not null);
        return ReadPartial(target, size, cell);
    }

    private static MemoryDeviceTarget ReadPartial(XElement target, long size, int? cell)
    {
        XElement block = target.Element("block") ?? throw XmlFault.Invalid(target, "the element block is missing");
        long step = ScaledSize.Read(block, "KiB");
        if (step < LeastBlock || !long.IsPow2(step))
            throw XmlFault.Invalid(block, $"it must be a power of two and at least {LeastBlock >> 10} KiB");
        long requested = target.Element("requested") is { } wanted ? ScaledSize.Read(wanted, "KiB") : 0;
        if (requested > size)
            throw XmlFault.Invalid(target.Element("requested")!, $"it is more than the size of {size >> 10} KiB");
        if (requested % step != 0)
            throw XmlFault.Invalid(target.Element("requested")!, $"it must be a multiple of the block size of {step >> 10} KiB");
        return new MemoryDeviceTarget((size + step - 1) / step * step, cell, null, step, requested, false);
    }
}
