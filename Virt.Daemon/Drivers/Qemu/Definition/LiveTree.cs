using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>Carries live information between devices and a copy of their definition's tree; element by element, by
/// position.</summary>
internal static class LiveTree
{
    /// <summary>Writes aliases and live information into a copy.</summary>
    public static void Write(IReadOnlyList<GuestDevice> devices, XElement definition, XElement copy)
    {
        foreach ((GuestDevice device, XElement element) in Pair(devices, definition, copy))
        {
            if (device.ShowsAlias)
                DeviceAliases.Write(element, device.Alias);
            device.WriteLive(element);
        }
    }

    /// <summary>Reads live information from the live XML that <see cref="Write"/> made of the same definition.</summary>
    public static void Read(IReadOnlyList<GuestDevice> devices, XElement definition, XElement live)
    {
        foreach ((GuestDevice device, XElement element) in Pair(devices, definition, live))
            device.ReadLive(element);
    }

    private static IEnumerable<(GuestDevice Device, XElement Element)> Pair(
        IReadOnlyList<GuestDevice> devices, XElement definition, XElement other)
    {
        Dictionary<XElement, GuestDevice> known = devices.ToDictionary(device => device.Element);
        IEnumerable<XElement> ours = definition.Element("devices")!.Elements();
        IEnumerable<XElement> theirs = other.Element("devices")?.Elements() ?? [];
        foreach ((XElement mine, XElement counterpart) in ours.Zip(theirs.ToArray()))
        {
            if (known.TryGetValue(mine, out GuestDevice? device) && mine.Name == counterpart.Name)
                yield return (device, counterpart);
        }
    }
}
