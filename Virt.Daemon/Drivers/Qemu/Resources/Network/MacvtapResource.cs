using System.Text;
using Virt.Daemon.Hosting;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>The macvtap interface of a guest's network card (type direct), on top of one of the host's interfaces.</summary>
/// <param name="name">Its name.</param>
/// <param name="lower">The host's interface.</param>
/// <param name="mode">The mode: <c>vepa</c>, <c>bridge</c>, <c>private</c>, <c>passthrough</c>.</param>
/// <param name="mac">The guest's MAC address.</param>
/// <param name="settings">The rest: MTU and limits.</param>
internal sealed class MacvtapResource(string name, string lower, string mode, byte[] mac, TapSettings settings) : IHostResource
{
    private const string Passthrough = "passthrough";
    private const int MaximumMark = 128;

    private static readonly Dictionary<string, uint> Modes = new(StringComparer.Ordinal)
    {
        ["private"] = 1,
        ["vepa"] = 2,
        ["bridge"] = 4,
        [Passthrough] = 8,
    };

    /// <summary>The modes there are.</summary>
    public static IReadOnlyCollection<string> ModeNames => Modes.Keys;

    /// <inheritdoc/>
    public async ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        HostLink below = HostLink.Get(lower, $"the {settings.Device} of domain '{host.Name}' is on top of");
        string mark = MarkIn(host);
        if (HostFile.Exists(mark) && HostLink.Find(name) is { } old)
            LinkChanges.Remove(old);
        // In this mode the interface below takes the guest's address; the mark keeps its own.
        if (!HostFile.Exists(mark))
            DurableFile.WriteVolatile(mark, Encoding.ASCII.GetBytes(mode == Passthrough ? Convert.ToHexString(below.Address) : ""));
        LinkChanges.AddMacvtap(name, below, Modes[mode], mac);
        HostLink link = HostLink.Get(name, "was just made");
        if (mode == Passthrough)
            LinkChanges.SetAddress(link, mac);
        if (settings.Mtu is { } mtu)
            LinkChanges.SetMtu(link, mtu);
        LinkChanges.SetUp(link);
        if (settings.Inbound is not null || settings.Outbound is not null)
        {
            // The tap is the guest's own end here: the directions are the other way round.
            await TrafficControl.SetAsync(name, settings.Outbound, settings.Inbound, cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        string mark = MarkIn(host);
        if (!HostFile.Exists(mark))
            return ValueTask.CompletedTask;
        string address = Encoding.ASCII.GetString(HostFile.Read(mark, MaximumMark));
        if (HostLink.Find(name) is { } link)
            LinkChanges.Remove(link);
        if (address.Length > 0 && HostLink.Find(lower) is { } below)
            LinkChanges.SetAddress(below, Convert.FromHexString(address));
        HostFile.Delete(mark);
        return ValueTask.CompletedTask;
    }

    private string MarkIn(HostServices host) => Path.Combine(host.RunFolder, name + ".macvtap");
}
