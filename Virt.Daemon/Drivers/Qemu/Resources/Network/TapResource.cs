using Virt.Daemon.Hosting;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>
/// The tap interface of a guest's network card. It is made before QEMU opens it by its name, and removed once the guest or the card
/// is gone; a mark in the run's folder tells that it is ours to remove.
/// </summary>
internal sealed class TapResource(TapSettings settings) : IHostResource
{
    private const byte HostPrefix = 0xfe;

    /// <inheritdoc/>
    public async ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        if (settings.Unmanaged)
        {
            HostLink.Get(settings.Name, $"the {settings.Device} of domain '{host.Name}' says is there (managed='no')");
            return;
        }

        HostLink? bridge = settings.Bridge is { } name && settings.SwitchIdentity is null
            ? HostLink.Get(name, $"the {settings.Device} of domain '{host.Name}' connects to")
            : null;
        if (bridge is not null and not { Kind: "bridge" })
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"'{bridge.Name}' is no bridge of the kernel, which the {settings.Device} of domain '{host.Name}' connects to",
                bridge.Name, "For a bridge of Open vSwitch add <virtualport type='openvswitch'/>.");
        }

        Create(host);
        HostLink tap = HostLink.Get(settings.Name, "was just made");
        LinkChanges.SetAddress(tap, [HostPrefix, .. settings.Mac.AsSpan(1)]);
        if ((settings.Mtu ?? bridge?.Mtu) is { } mtu)
            LinkChanges.SetMtu(tap, mtu);
        await ConnectAsync(tap, bridge, cancel).ConfigureAwait(false);
        LinkChanges.SetUp(tap);
        await FinishAsync(tap, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(HostServices host)
    {
        if (settings.Unmanaged || !HostFile.Exists(MarkIn(host)))
            return;
        if (HostLink.Find(settings.Name) is { } tap)
        {
            if (settings.DownScript is { } script)
                await RunScriptAsync(script, CancellationToken.None).ConfigureAwait(false);
            if (settings.SwitchIdentity is not null)
                await OpenVSwitch.RemovePortAsync(settings.Name).ConfigureAwait(false);
            LinkChanges.Remove(tap);
        }

        HostFile.Delete(MarkIn(host));
    }

    private void Create(HostServices host)
    {
        string mark = MarkIn(host);
        if (!HostFile.Exists(mark) && HostLink.Find(settings.Name) is not null)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"the host has a network interface '{settings.Name}' already, which the {settings.Device} of domain '{host.Name}' is to get",
                settings.Name, "Leave the name out, or give <target dev managed='no'/> to an interface of type ethernet to use what is there.");
        }

        DurableFile.WriteVolatile(mark, []);
        TapInterface.Create(settings.Name, settings.MultiQueue, host.User?.User);
    }

    private async Task ConnectAsync(HostLink tap, HostLink? bridge, CancellationToken cancel)
    {
        if (settings.SwitchIdentity is { } identity)
        {
            await OpenVSwitch.AddPortAsync(settings.Bridge!, tap.Name, identity, settings.Vlans, cancel).ConfigureAwait(false);
            return;
        }

        if (bridge is null)
            return;
        if (settings.Vlans is not null && !bridge.FiltersVlans)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"the bridge '{bridge.Name}' does not filter VLANs, which the {settings.Device} has", bridge.Name,
                $"Turn it on: ip link set {bridge.Name} type bridge vlan_filtering 1");
        }

        LinkChanges.SetMaster(tap, bridge);
        if (settings.Vlans is { } vlans)
            AddVlans(tap, vlans);
        if (settings.Isolated)
            LinkChanges.Isolate(tap);
    }

    private static void AddVlans(HostLink tap, PortVlans vlans)
    {
        LinkChanges.RemoveDefaultVlan(tap);
        foreach (int tag in vlans.Tags)
        {
            bool native = vlans.Native == tag || !vlans.Trunk;
            LinkChanges.AddVlan(tap, tag, native, untagged: native && !vlans.NativeTagged);
        }
    }

    private async Task FinishAsync(HostLink tap, CancellationToken cancel)
    {
        foreach (LinkAddress address in settings.Addresses)
            LinkChanges.AddAddress(tap, address.Address, address.Prefix, address.Peer);
        foreach (LinkRoute route in settings.Routes)
            LinkChanges.AddRoute(tap, route.Network, route.Prefix, route.Gateway, route.Metric);
        if (settings.Inbound is not null || settings.Outbound is not null)
            await TrafficControl.SetAsync(tap.Name, settings.Inbound, settings.Outbound, cancel).ConfigureAwait(false);
        if (settings.ReceiveFrames is { } frames)
            TapInterface.SetReceiveFrames(tap.Name, frames);
        if (settings.Script is { } script)
            await RunScriptAsync(script, cancel).ConfigureAwait(false);
    }

    private Task RunScriptAsync(string script, CancellationToken cancel) =>
        HostTool.RunAsync(script, [settings.Name], $"the script of the {settings.Device} failed", settings.Name, cancel);

    private string MarkIn(HostServices host) => Path.Combine(host.RunFolder, settings.Name + ".tap");
}
