using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>bandwidth</c> of an interface: limits in kibibytes a second, as seen by the guest.</summary>
/// <param name="Inbound">For what it receives; null for none.</param>
/// <param name="Outbound">For what it sends; null for none.</param>
internal sealed record InterfaceBandwidth(TrafficRate? Inbound, TrafficRate? Outbound)
{
    /// <summary>Reads the element; both are null when there is none.</summary>
    /// <param name="card">The interface.</param>
    /// <param name="mayHaveFloor">Whether a least bandwidth can be said, as on virtual networks.</param>
    public static InterfaceBandwidth Read(XElement card, bool mayHaveFloor) => card.Element("bandwidth") is { } bandwidth
        ? new InterfaceBandwidth(Rate(bandwidth, "inbound", mayHaveFloor), Rate(bandwidth, "outbound", mayHaveFloor: false))
        : new InterfaceBandwidth(null, null);

    private static TrafficRate? Rate(XElement bandwidth, string direction, bool mayHaveFloor)
    {
        XElement[] found = [.. bandwidth.Elements(direction)];
        if (found.Length == 0)
            return null;
        if (found.Length > 1)
            throw XmlFault.Invalid(found[1], $"there is one {direction} at most");
        XElement rate = found[0];
        if (rate.Attribute("floor") is { } floor && !mayHaveFloor)
            throw XmlFault.Unsupported(floor, "only what an interface of type 'network' receives has a floor");
        long? average = rate.Number("average", 0, int.MaxValue);
        long? peak = rate.Number("peak", 0, int.MaxValue);
        long? burst = rate.Number("burst", 0, int.MaxValue);
        _ = rate.Number("floor", 0, int.MaxValue);
        if (average is null && rate.Attribute("floor") is null)
            throw XmlFault.Invalid(rate, "the attribute average is missing");
        if (average is null && (peak ?? burst) is not null)
            throw XmlFault.Unsupported(rate, "peak and burst need an average");
        return average is > 0 ? new TrafficRate(average.Value, peak is > 0 ? peak : null, burst is > 0 ? burst : null) : null;
    }
}
