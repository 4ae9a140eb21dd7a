using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>Learns from QEMU which pty each character device got.</summary>
internal static class CharacterPaths
{
    private const string PtyPrefix = "pty:";
    private const string TerminalPrefix = PtyPrefix + "/dev/pts/";

    /// <summary>The command; null when no device has a pty.</summary>
    public static PostStartCommand? Query(IReadOnlyList<GuestDevice> devices) =>
        devices.Any(device => device is ICharacterDevice { Backend.Type: "pty" })
            ? new PostStartCommand("query-chardev", Reply: reply => Note(devices, reply))
            : null;

    private static void Note(IReadOnlyList<GuestDevice> devices, JsonElement reply)
    {
        foreach (JsonElement chardev in reply.ItemsOrNone())
        {
            if (chardev.FindText("filename") is not { } path || !IsTerminal(path))
                continue;
            string? label = chardev.FindText("label");
            foreach (GuestDevice device in devices)
            {
                if (device is ICharacterDevice { Backend: { Type: "pty" } backend } && label == $"char{device.Alias}")
                    backend.LivePath = path[PtyPrefix.Length..];
            }
        }
    }

    // Whoever opens it for a user must not be led to another file.
    private static bool IsTerminal(string path) =>
        path.StartsWith(TerminalPrefix, StringComparison.Ordinal) && path.Length > TerminalPrefix.Length
        && path.AsSpan(TerminalPrefix.Length).IndexOfAnyExceptInRange('0', '9') < 0;
}
