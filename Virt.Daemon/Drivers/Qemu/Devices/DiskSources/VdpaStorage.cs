using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A vDPA block device of the host (<c>/dev/vhost-vdpa-N</c>).</summary>
internal sealed class VdpaStorage : DiskStorage
{
    private readonly string _device;

    public VdpaStorage(XElement source) =>
        _device = source.AbsolutePath("dev") ?? throw XmlFault.Invalid(source, "the attribute dev is missing");

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new() { ["driver"] = "virtio-blk-vhost-vdpa", ["path"] = _device };
}
