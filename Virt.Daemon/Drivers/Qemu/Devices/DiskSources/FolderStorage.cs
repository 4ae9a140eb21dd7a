using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A folder of the host that the guest sees as a FAT file system (vvfat); read-only.</summary>
internal sealed class FolderStorage : DiskStorage
{
    public FolderStorage(XElement source) =>
        Path = source.AbsolutePath("dir") ?? throw XmlFault.Invalid(source, "the attribute dir is missing");

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new() { ["driver"] = "vvfat", ["dir"] = Path, ["floppy"] = node.Kind == "floppy", ["rw"] = false };
}
