using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>Learns from QEMU which pty each character device got.</summary>
internal static class CharacterPaths
{
    private const string PtyPrefix = "pty:";

    /// <summary>The command; null when no device has a pty.</summary>
    public static PostStartCommand? Query(IReadOnlyList<GuestDevice> devices) =>
        devices.Any(device => device is ICharacterDevice { Backend.Type: "pty" })
            ? new PostStartCommand("query-chardev", Reply: reply => Note(devices, reply))
            : null;

    private static void Note(IReadOnlyList<GuestDevice> devices, JsonElement reply)
    {
        if (reply.ValueKind != JsonValueKind.Array)
            return;
        foreach (JsonElement chardev in reply.EnumerateArray())
        {
            if (!chardev.TryGetProperty("label", out JsonElement label) || !chardev.TryGetProperty("filename", out JsonElement name)
                || name.GetString() is not { } path || !path.StartsWith(PtyPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            foreach (GuestDevice device in devices)
            {
                if (device is ICharacterDevice { Backend: { Type: "pty" } backend } && label.GetString() == $"char{device.Alias}")
                    backend.LivePath = path[PtyPrefix.Length..];
            }
        }
    }
}
