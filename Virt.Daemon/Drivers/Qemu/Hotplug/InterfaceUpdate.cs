using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes a network card of a running guest: whether its cable is in, its bandwidth, the bridge it is connected to.</summary>
internal static class InterfaceUpdate
{
    /// <summary>Makes the change.</summary>
    public static async Task ApplyAsync(LiveChange change, InterfaceDevice card)
    {
        if (change.Names.Contains("filterref"))
            throw NotLive(change, "the filter");
        if (change.Names.Contains("source"))
            MoveTo(change, card);
        if (change.Names.Contains("bandwidth"))
            await LimitAsync(change, card).ConfigureAwait(false);
        if (change.Names.Contains("link"))
            await SetLinkAsync(change, card).ConfigureAwait(false);
    }

    private static void MoveTo(LiveChange change, InterfaceDevice card)
    {
        if (Kernel(change.Old.Element) is null || Kernel(card.Element) is not { } name || card.LiveTarget is not { } target)
            throw NotLive(change, "the network");
        HostLink bridge = HostLink.Get(name, $"the interface {card.Mac} of domain '{change.Domain.Name}' is to connect to");
        if (bridge.Kind != "bridge")
            throw NotLive(change, "the network");
        LinkChanges.SetMaster(HostLink.Get(target, $"the interface {card.Mac} has"), bridge);
    }

    private static async Task LimitAsync(LiveChange change, InterfaceDevice card)
    {
        if (card.LiveTarget is not { } target)
            throw NotLive(change, "the bandwidth");
        InterfaceBandwidth bandwidth = InterfaceBandwidth.Read(card.Element, mayHaveFloor: false);
        await TrafficControl.SetAsync(target, bandwidth.Inbound, bandwidth.Outbound, CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task SetLinkAsync(LiveChange change, InterfaceDevice card)
    {
        bool up = card.Element.Element("link")?.Text("state") != "down";
        await change.ExecuteAsync(new QmpCommand("set_link", arguments =>
        {
            arguments.WriteString("name", card.Alias);
            arguments.WriteBoolean("up", up);
        })).ConfigureAwait(false);
    }

    /// <summary>The bridge of the kernel that a card is connected to; null for any other kind of network.</summary>
    private static string? Kernel(XElement card) =>
        card.Text("type") == "bridge" && card.Element("virtualport") is null ? DeviceElement.Attribute(card, "source", "bridge") : null;

    private static Errors.VirtException NotLive(LiveChange change, string what) => DeviceErrors.NotLive(
        change.Domain.Name, $"{what} of the {DeviceElement.Describe(change.Changed.Element)} cannot change while the guest runs",
        "Use the scope Config: it takes effect with the next start.");
}
