using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>A domain's memory includes that of its memory devices: it grows and shrinks with them.</summary>
internal static class MemoryDevices
{
    /// <summary>Adds the size of a device that was added; nothing for other kinds.</summary>
    public static long Added(DomainDefinition definition, XElement device) => Change(definition, device, +1);

    /// <summary>Takes off the size of a device that was taken out; nothing for other kinds.</summary>
    public static long Removed(DomainDefinition definition, XElement device) => Change(definition, device, -1);

    /// <returns>By how much the memory that the guest has at hand changes, in bytes.</returns>
    private static long Change(DomainDefinition definition, XElement device, int sign)
    {
        if (device.Name.LocalName != "memory" || device.Element("target")?.Element("size") is not { } size)
            return 0;
        long bytes = sign * ScaledSize.Read(size, "KiB");
        // Of virtio-mem the guest has only what it took.
        long atHand = (string?)device.Attribute("model") is "virtio-mem" ? 0 : bytes;
        long memory = definition.Memory + atHand;
        definition.MaximumMemory += bytes;
        definition.Memory = Math.Min(memory, definition.MaximumMemory);
        return atHand;
    }
}
