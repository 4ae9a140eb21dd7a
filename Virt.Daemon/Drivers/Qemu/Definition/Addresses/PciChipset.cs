using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>What a machine has on its root bus, and where its kind of devices customarily is.</summary>
internal static class PciChipset
{
    private const int IsaSlotPc = 1;
    private const int VideoSlotPc = 2;
    private const int VideoSlotQ35 = 1;
    private const int SoundSlot = 0x1b;
    private const int DmiSlot = 0x1e;
    private const int IsaSlotQ35 = 0x1f;

    private static readonly int[] UsbSlots = [0x1d, 0x1a];

    /// <summary>Takes the places of chipset functions and of devices with a customary one.</summary>
    public static void Place(PciPlan plan, GuestContext context)
    {
        if (plan.IsExpress)
            PlaceQ35(plan, context);
        else
            PlacePc(plan, context);
    }

    private static void PlacePc(PciPlan plan, GuestContext context)
    {
        plan.Reserve(IsaSlotPc, 0);
        plan.Reserve(IsaSlotPc, 3);
        PlaceVideo(plan, context, VideoSlotPc);
    }

    private static void PlaceQ35(PciPlan plan, GuestContext context)
    {
        foreach (UsbController usb in context.Of<UsbController>().Where(usb => usb.GroupFunction == 0 && IsFree(plan, usb)))
            _ = UsbSlots.Any(slot => plan.TryTake(usb, new PciAddress(0, slot, 0, true)));
        foreach (PciController bridge in context.Of<PciController>()
            .Where(controller => controller.Model.Is == PciConnect.DmiBridge && IsFree(plan, controller)))
            plan.TryTake(bridge, new PciAddress(0, DmiSlot, 0));
        plan.Reserve(IsaSlotQ35, 0);
        plan.Reserve(IsaSlotQ35, 3);
        PlaceVideo(plan, context, VideoSlotQ35);
        if (context.Devices.FirstOrDefault(device => IsIch9Sound(device) && IsFree(plan, device)) is { } sound)
            plan.TryTake(sound, new PciAddress(0, SoundSlot, 0));
    }

    private static void PlaceVideo(PciPlan plan, GuestContext context, int slot)
    {
        if (context.Devices.FirstOrDefault(device => device.PciNeed == PciNeed.PrimaryVideo && IsFree(plan, device)) is { } video
            && !plan.TryTake(video, new PciAddress(0, slot, 0)))
        {
            plan.Place(video);
        }
    }

    private static bool IsIch9Sound(GuestDevice device) =>
        device.Element.Name.LocalName == "sound" && device.Element.Text("model") == "ich9" && device.PciNeed != PciNeed.None;

    private static bool IsFree(PciPlan plan, GuestDevice device) => !plan.Places.ContainsKey(device);
}
