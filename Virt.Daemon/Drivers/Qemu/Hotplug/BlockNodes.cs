using System.Globalization;
using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>The block nodes of a running QEMU.</summary>
internal static class BlockNodes
{
    private const string Prefix = "libvirt-";

    /// <summary>The highest number that a node has in its name; 0 when there are none.</summary>
    public static async Task<int> LastAsync(DomainSupervisor domain, GuestRun run)
    {
        int last = 0;
        foreach (JsonElement node in await ListAsync(domain, run).ConfigureAwait(false))
        {
            if (Name(node) is { } name && name.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(Prefix.Length).Trim("abcdefghijklmnopqrstuvwxyz-"), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                last = Math.Max(last, number);
        }

        return last;
    }

    /// <summary>The size of a node in bytes; null when there is no such node.</summary>
    public static async Task<long?> SizeAsync(DomainSupervisor domain, GuestRun run, string name)
    {
        foreach (JsonElement node in await ListAsync(domain, run).ConfigureAwait(false))
        {
            if (Name(node) == name && node.Find("image")?.FindNumber("virtual-size") is { } bytes)
                return bytes;
        }

        return null;
    }

    private static async Task<JsonElement[]> ListAsync(DomainSupervisor domain, GuestRun run)
    {
        JsonElement nodes = await domain.ExecuteAsync(
            run, new QmpCommand("query-named-block-nodes", arguments => arguments.WriteBoolean("flat", true))).ConfigureAwait(false);
        return [.. nodes.ItemsOrNone()];
    }

    private static string? Name(JsonElement node) => node.FindText("node-name");
}
