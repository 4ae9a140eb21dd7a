using System.Globalization;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>A limit on one direction.</summary>
/// <param name="Average">Kibibytes a second.</param>
/// <param name="Peak">Kibibytes a second that a burst may reach; null for no limit of its own.</param>
/// <param name="Burst">Kibibytes that may pass at peak speed; null for the kernel's default.</param>
internal sealed record TrafficRate(long Average, long? Peak = null, long? Burst = null);

/// <summary>
/// Limits what passes a guest's tap interface, with iproute2's <c>tc</c>. What the guest receives leaves the host by the tap and is
/// shaped there; what the guest sends arrives by it, and what is too much is dropped.
/// </summary>
internal static class TrafficControl
{
    /// <summary>Sets the limits, those before are forgotten; null means no limit. For an interface of a running guest as
    /// well.</summary>
    /// <param name="name">The tap interface.</param>
    /// <param name="inbound">For what the guest receives.</param>
    /// <param name="outbound">For what the guest sends.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task SetAsync(string name, TrafficRate? inbound, TrafficRate? outbound, CancellationToken cancel)
    {
        string tool = HostTool.Find("tc") ?? throw new VirtException(
            VirtErrorCode.OperationFailed, "the bandwidth of an interface cannot be limited: 'tc' is not installed", name, "Install iproute2.");
        await ClearAsync(tool, name, cancel).ConfigureAwait(false);
        if (inbound is not null)
            await ShapeAsync(tool, name, inbound, cancel).ConfigureAwait(false);
        if (outbound is not null)
            await PoliceAsync(tool, name, outbound, cancel).ConfigureAwait(false);
    }

    private static async Task ClearAsync(string tool, string name, CancellationToken cancel)
    {
        foreach (string root in (string[])["root", "ingress"])
        {
            try
            {
                await RunAsync(tool, name, cancel, "qdisc", "del", "dev", name, root).ConfigureAwait(false);
            }
            catch (VirtException none) when (none.Code == VirtErrorCode.OperationFailed)
            {
                // There was none: the kernel refuses to delete its default.
            }
        }
    }

    private static async Task ShapeAsync(string tool, string name, TrafficRate rate, CancellationToken cancel)
    {
        await RunAsync(tool, name, cancel, "qdisc", "add", "dev", name, "root", "handle", "1:", "htb", "default", "1").ConfigureAwait(false);
        List<string> limit = ["class", "add", "dev", name, "parent", "1:", "classid", "1:1", "htb", "rate", Speed(rate.Average)];
        if (rate.Peak is { } peak)
            limit.AddRange(["ceil", Speed(peak)]);
        if (rate.Burst is { } burst)
            limit.AddRange(["burst", Size(burst)]);
        await RunAsync(tool, name, cancel, [.. limit]).ConfigureAwait(false);
    }

    private static async Task PoliceAsync(string tool, string name, TrafficRate rate, CancellationToken cancel)
    {
        await RunAsync(tool, name, cancel, "qdisc", "add", "dev", name, "ingress").ConfigureAwait(false);
        await RunAsync(
            tool, name, cancel, "filter", "add", "dev", name, "parent", "ffff:", "protocol", "all", "u32", "match", "u32", "0", "0",
            "police", "rate", Speed(rate.Average), "burst", Size(rate.Burst ?? rate.Average), "mtu", "64kb", "drop", "flowid", ":1").ConfigureAwait(false);
    }

    private static Task RunAsync(string tool, string name, CancellationToken cancel, params string[] arguments) =>
        HostTool.RunAsync(tool, arguments, $"the bandwidth of '{name}' cannot be limited", name, cancel);

    private static string Speed(long kibibytes) => kibibytes.ToString(CultureInfo.InvariantCulture) + "kbps";

    private static string Size(long kibibytes) => kibibytes.ToString(CultureInfo.InvariantCulture) + "kb";
}
