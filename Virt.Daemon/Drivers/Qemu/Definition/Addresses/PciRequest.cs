using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>What a device asks of the bus it is put on.</summary>
/// <param name="Is">What it is.</param>
/// <param name="Automatic">Whether it only goes where devices are put automatically.</param>
/// <param name="Integrated">Whether it must be on the root bus.</param>
/// <param name="Shares">Whether it shares a slot with others of its kind.</param>
/// <param name="Function">The function it must have; null for any.</param>
internal sealed record PciRequest(
    PciConnect Is, bool Automatic = true, bool Integrated = false, bool Shares = false, int? Function = null)
{
    /// <summary>What a device asks for.</summary>
    public static PciRequest Of(GuestDevice device, bool expressMachine)
    {
        PciConnect preferred = expressMachine ? PciConnect.Express : PciConnect.Conventional;
        return device.PciNeed switch
        {
            PciNeed.Controller when device is PciController controller =>
                new PciRequest(controller.Model.Is, Automatic: false, Shares: controller.Model.SharesSlot),
            PciNeed.Express => new PciRequest(IsTransitional(device) ? PciConnect.Conventional : preferred),
            PciNeed.Integrated => new PciRequest(preferred, Integrated: expressMachine),
            PciNeed.PrimaryVideo => new PciRequest(IsExpressVideo(device) ? preferred : PciConnect.Conventional),
            _ => new PciRequest(PciConnect.Conventional, Function: (device as UsbController)?.GroupFunction),
        };
    }

    /// <summary>Whether it may be put on a bus without the definition asking for it.</summary>
    public bool FitsAutomatically(PciBus bus)
    {
        if (Integrated && bus.Index > 0)
            return false;
        bool automatic = bus.Model.Automatic || Integrated;
        return (automatic || !Automatic) && (bus.Accepts & Is) != 0;
    }

    /// <summary>Whether a definition may put it on a bus: endpoints of either kind go where the other does, and bridges where
    /// conventional devices do.</summary>
    public bool FitsByHand(PciBus bus)
    {
        if (Integrated && bus.Index > 0)
            return false;
        PciConnect accepts = (bus.Accepts & PciConnect.Endpoint) != 0 ? bus.Accepts | PciConnect.Endpoint : bus.Accepts;
        PciConnect wanted = (Is & PciConnect.Bridge) != 0 ? Is | PciConnect.Conventional : Is;
        return (accepts & wanted) != 0;
    }

    // Such a device speaks the legacy virtio as well, which needs the I/O space of conventional PCI.
    private static bool IsTransitional(GuestDevice device) => device.Element.Text("model") == "virtio-transitional";

    private static bool IsExpressVideo(GuestDevice device) =>
        device.Element.Element("model")?.Text("type") is "virtio" or "bochs";
}
