using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>rom</c> of a PCI device: what its firmware is.</summary>
/// <param name="Bar">Whether the guest sees it; null for QEMU's default.</param>
/// <param name="File">Its file; empty for none; null for QEMU's default.</param>
internal sealed record DeviceRom(bool? Bar, string? File)
{
    /// <summary>Reads the element.</summary>
    public static DeviceRom Read(XElement device)
    {
        if (device.Element("rom") is not { } rom)
            return new DeviceRom(null, null);
        // An empty file name is the older way to say so.
        if (rom.Text("file") is "" && rom.Attribute("enabled") is null && rom.Attribute("bar") is null)
        {
            rom.Attribute("file")!.Remove();
            rom.SetAttributeValue("enabled", "no");
        }

        bool? bar = rom.Flag("bar");
        if (rom.Flag("enabled") != false)
            return new DeviceRom(bar, rom.AbsolutePath("file"));
        return bar is null && rom.Attribute("file") is null
            ? new DeviceRom(null, "")
            : throw XmlFault.Invalid(rom, "a rom that is not enabled has neither bar nor file");
    }

    /// <summary>Writes the properties.</summary>
    public void AddTo(JsonObject device) => device.With("rombar", Bar is { } shown ? shown ? 1L : 0L : null).With("romfile", File);
}
