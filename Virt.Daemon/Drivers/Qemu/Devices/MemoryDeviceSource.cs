using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>What a memory device is made of on the host. Bytes.</summary>
/// <param name="Path">The file or device of NVDIMM and virtio-pmem.</param>
/// <param name="IsPersistent">Whether the path is real persistent memory.</param>
/// <param name="Alignment">The alignment of an NVDIMM; null for QEMU's.</param>
/// <param name="PageSize">The page size; null for the domain's.</param>
/// <param name="HostNodes">The host's NUMA nodes; null for the domain's.</param>
internal sealed record MemoryDeviceSource(string? Path, bool IsPersistent, long? Alignment, long? PageSize, IndexSet? HostNodes)
{
    /// <summary>Reads <c>source</c>.</summary>
    public static MemoryDeviceSource Read(XElement device, string model)
    {
        XElement? source = device.Element("source");
        if (model is not ("nvdimm" or "virtio-pmem"))
        {
            return new MemoryDeviceSource(
                null, false, null, Size(source, "pagesize"),
                source?.Element("nodemask") is { } nodes ? IndexSet.Parse(nodes, nodes.Value) : null);
        }

        string path = source?.PathOf("path") ?? throw XmlFault.Invalid(source ?? device, $"a memory device '{model}' needs a source with a path");
        return new MemoryDeviceSource(
            path, model == "nvdimm" && source.Element("pmem") is not null, model == "nvdimm" ? Size(source, "alignsize") : null, null, null);
    }

    private static long? Size(XElement? source, string name) =>
        source?.Element(name) is { } size && ScaledSize.Read(size, "KiB") is > 0 and var bytes ? bytes : null;
}
