using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>Carries live information between devices and a copy of their definition's tree, element by element.</summary>
internal static class LiveTree
{
    /// <summary>Writes aliases and live information into a copy of the tree.</summary>
    public static void Write(IReadOnlyList<GuestDevice> devices, XElement definition, XElement copy)
    {
        Dictionary<XElement, GuestDevice> known = devices.ToDictionary(device => device.Element);
        foreach ((XElement original, XElement element) in
            definition.Element("devices")!.Elements().Zip(copy.Element("devices")!.Elements().ToArray()))
        {
            if (!known.TryGetValue(original, out GuestDevice? device))
                continue;
            if (device.ShowsAlias)
                DeviceAliases.Write(element, device.Alias);
            device.WriteLive(element);
        }
    }

    /// <summary>Copies of the devices of a live XML as they are, by element, before the live information is taken out.</summary>
    public static IReadOnlyDictionary<XElement, XElement> Remember(XElement live) =>
        live.Elements("devices").Elements().ToDictionary(element => element, element => new XElement(element));

    /// <summary>Gives the devices back what <see cref="Write"/> wrote.</summary>
    public static void Read(IReadOnlyList<GuestDevice> devices, IReadOnlyDictionary<XElement, XElement> live)
    {
        foreach (GuestDevice device in devices)
        {
            if (live.TryGetValue(device.Element, out XElement? remembered))
                device.ReadLive(remembered);
        }
    }
}
