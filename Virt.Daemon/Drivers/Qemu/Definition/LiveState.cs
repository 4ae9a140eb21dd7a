using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>What an export of a running guest has more than its definition: runtime id, aliases, ptys, ports.</summary>
internal static class LiveState
{
    /// <summary>Takes it out of a definition that somebody exported from a running guest.</summary>
    public static void Strip(XElement domain)
    {
        domain.Attribute("id")?.Remove();
        domain.Elements("seclabel").Where(label => label.Text("type") is null or "dynamic").Elements("label").Remove();
        domain.Elements("seclabel").Where(label => label.Text("type") is null or "dynamic").Elements("imagelabel").Remove();
        foreach (XElement device in domain.Element("devices")?.Elements() ?? [])
            StripDevice(device);
    }

    /// <summary>Takes it out of one device.</summary>
    public static void StripDevice(XElement device)
    {
        switch (device.Name.LocalName)
        {
            case "serial" or "parallel" or "console" or "channel":
                CharacterBackend.StripLive(device);
                device.Element("target")?.Attribute("state")?.Remove();
                break;
            case "disk":
                device.Element("mirror")?.Remove();
                device.Descendants("source").Attributes("index").Remove();
                device.Descendants("backingStore").Attributes("index").Remove();
                break;
            case "interface":
                InterfaceDevice.StripLive(device);
                break;
            case "memory":
                device.Element("target")?.Element("current")?.Remove();
                break;
            case "graphics":
                GraphicsListen.StripLive(device);
                if (device.Flag("autoport") == true)
                    device.SetAttributeValue("port", "-1");
                break;
        }

        if (device.Element("alias") is { } alias && !alias.Text("name").AsSpan().StartsWith("ua-", StringComparison.Ordinal))
            alias.Remove();
    }
}
