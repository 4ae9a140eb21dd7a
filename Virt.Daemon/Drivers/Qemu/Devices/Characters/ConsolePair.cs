using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The first serial port and the first console are one device to libvirt, written twice: whichever the definition gives,
/// the other is added.</summary>
internal static class ConsolePair
{
    /// <summary>Completes the tree.</summary>
    public static void Complete(XElement devices)
    {
        XElement[] consoles = [.. devices.Elements("console")];
        if (consoles.Skip(1).FirstOrDefault(IsSerial) is { } further)
            throw XmlFault.Unsupported(further, "only the first console can be a serial port", "Use <target type='virtio'/>.");
        XElement? serial = devices.Element("serial");
        XElement? console = consoles.FirstOrDefault(IsSerial);
        if (console is not null && serial is null)
        {
            serial = new XElement("serial", console.Attribute("type"), Source(console));
            console.AddBeforeSelf(serial);
        }
        else if (serial is not null && console is null && HasConsole(serial))
        {
            console = new XElement("console");
            if (consoles.FirstOrDefault() is { } first)
                first.AddBeforeSelf(console);
            else
                serial.Parent!.Elements("serial").Last().AddAfterSelf(console);
        }

        if (console is null || serial is null)
            return;
        console.SetAttributeValue("type", serial.Text("type") ?? "pty");
        console.Elements().Where(child => child.Name.LocalName is not ("target" or "alias")).Remove();
        console.AddFirst(Source(serial));
        XElement target = console.GetOrAdd("target");
        target.SetAttributeValue("type", "serial");
        target.SetDefault("port", 0);
    }

    private static bool IsSerial(XElement console) => console.Element("target")?.Text("type") is null or "serial";

    private static bool HasConsole(XElement serial) =>
        serial.Element("target")?.Text("type") is null or "isa-serial"
        && serial.Element("target")?.Element("model")?.Text("name") is null or "isa-serial";

    private static IEnumerable<XElement> Source(XElement device) =>
        device.Elements().Where(child => child.Name.LocalName is not ("target" or "address" or "alias"));
}
