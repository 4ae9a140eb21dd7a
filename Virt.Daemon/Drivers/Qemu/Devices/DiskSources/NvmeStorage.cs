using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A namespace of one of the host's NVMe controllers, which QEMU drives itself through VFIO.</summary>
internal sealed class NvmeStorage : DiskStorage
{
    private readonly string _device;
    private readonly long _namespace;

    public NvmeStorage(XElement source)
    {
        if (source.Required("type") != "pci")
            throw XmlFault.Invalid(source.Attribute("type")!, $"'{source.Text("type")}' is not pci");
        _namespace = source.Number("namespace", 1, uint.MaxValue) ?? throw XmlFault.Invalid(source, "the attribute namespace is missing");
        _ = source.Flag("managed");
        XElement address = source.Element("address") ?? throw XmlFault.Invalid(source, "the element address is missing");
        _device = string.Create(
            CultureInfo.InvariantCulture,
            $"{address.Number("domain", 0, 0xffff) ?? 0:x4}:{address.Number("bus", 0, 0xff) ?? 0:x2}:{address.Number("slot", 0, 0x1f) ?? 0:x2}.{address.Number("function", 0, 7) ?? 0}");
    }

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new() { ["driver"] = "nvme", ["device"] = _device, ["namespace"] = _namespace };
}
