using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>Where the bytes of an image are: QEMU's block node below the format.</summary>
internal abstract class DiskStorage
{
    /// <summary>The path on this host; null for what is elsewhere, and for a volume that was not looked up.</summary>
    public virtual string? Path => null;

    /// <summary>Whether it is on this host, where <c>startupPolicy</c> makes sense.</summary>
    public virtual bool IsLocal => true;

    /// <summary>Whether a whole SCSI device can be passed through.</summary>
    public virtual bool CanPassThrough => false;

    /// <summary>Reads the storage of a layer.</summary>
    /// <param name="layer">The <c>disk</c> or <c>backingStore</c>.</param>
    /// <param name="source">Its <c>source</c>.</param>
    public static DiskStorage Read(XElement layer, XElement source) => (layer.Text("type") ?? "file") switch
    {
        "file" => new FileStorage(source, isBlock: false),
        "block" => new FileStorage(source, isBlock: true),
        "dir" => new FolderStorage(source),
        "network" => NetworkStorage.Read(layer, source),
        "volume" => new VolumeStorage(source),
        "nvme" => new NvmeStorage(source),
        "vhostvdpa" => new VdpaStorage(source),
        var other => throw XmlFault.Invalid(
            layer.Attribute("type")!, $"'{other}' is not one of file, block, dir, network, volume, nvme, vhostuser, vhostvdpa"),
    };

    /// <summary>Whether a disk without a medium has nothing of this storage in its <c>source</c>.</summary>
    public static bool IsEmpty(XElement layer) => layer.Element("source") is not { } source
        || (layer.Text("type") ?? "file") switch
        {
            "file" => source.Text("file") is null or "",
            "block" => source.Text("dev") is null or "",
            "dir" => source.Text("dir") is null or "",
            "volume" => source.Text("pool") is null && source.Text("volume") is null,
            _ => false,
        };

    /// <summary>Looks up what it refers to.</summary>
    public virtual void Prepare(GuestPreparation host)
    {
    }

    /// <summary>Writes what the node needs before it, and returns its driver and location.</summary>
    public abstract JsonObject Write(QemuArguments arguments, DiskNode node);
}

/// <summary>What a storage node is written with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Driver">How the disk reads and writes.</param>
/// <param name="Kind">The disk's <c>device</c>: <c>disk</c>, <c>cdrom</c>, <c>floppy</c>, <c>lun</c>.</param>
internal sealed record DiskNode(string Name, DiskDriver Driver, string Kind);
