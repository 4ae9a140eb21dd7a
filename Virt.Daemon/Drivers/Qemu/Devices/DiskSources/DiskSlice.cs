using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>The part of its storage that an image is.</summary>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Size">How long it is, in bytes.</param>
internal sealed record DiskSlice(long Offset, long Size)
{
    /// <summary>Reads the slice of a source; null when the image is all of its storage.</summary>
    public static DiskSlice? Read(XElement source)
    {
        if (source.Element("slices")?.Elements("slice").FirstOrDefault(slice => slice.Text("type") == "storage") is not { } slice)
            return null;
        return new DiskSlice(
            slice.Number("offset", 0, long.MaxValue) ?? throw XmlFault.Invalid(slice, "the attribute offset is missing"),
            slice.Number("size", 1, long.MaxValue) ?? throw XmlFault.Invalid(slice, "the attribute size is missing"));
    }

    /// <summary>Adds a node of its own and returns its name.</summary>
    public string AddTo(QemuArguments arguments, DiskDriver driver, string storage, int number)
    {
        string name = $"libvirt-{number}-slice-sto";
        JsonObject node = new JsonObject { ["driver"] = "raw" }.With("node-name", name);
        Write(node);
        arguments.Add(
            "-blockdev", node.With("file", storage).With("auto-read-only", true).With("discard", "unmap").WithObject("cache", driver.CacheJson()));
        return name;
    }

    /// <summary>Writes it into a node that can have it.</summary>
    public void Write(JsonObject node) => node.With("offset", Offset).With("size", Size);
}
