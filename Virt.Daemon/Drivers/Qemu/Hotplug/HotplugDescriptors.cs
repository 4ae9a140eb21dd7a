using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Qmp;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>
/// Descriptors of a device that is plugged: at start QEMU inherits them and is told their numbers, later they go over the monitor
/// and have names.
/// </summary>
internal static class HotplugDescriptors
{
    private static readonly string[] Members = ["fd", "fds", "vhostfd", "vhostfds"];

    /// <summary>Opens the descriptors, gives them to QEMU, and returns the parts with their names in the place of numbers.</summary>
    /// <param name="monitor">The monitor.</param>
    /// <param name="alias">The device's alias, for the names.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="passed">Takes the names of what QEMU has been given.</param>
    public static async Task<IReadOnlyList<QemuPart>> PassAsync(QmpClient monitor, string alias, DeviceParts parts, List<string> passed)
    {
        if (parts.Arguments.Descriptors.Count == 0)
            return parts.Parts;
        IReadOnlyList<QemuPart> named = [.. parts.Parts.Select(part => part with { Value = Rename(part.Value, alias) })];
        string text = string.Join('\n', named.Select(part => part.Value.ToJsonString()));
        int number = QemuCommandLine.MonitorDescriptor;
        foreach (Func<SafeHandle> open in parts.Arguments.Descriptors)
        {
            string name = Name(alias, ++number);
            if (!text.Contains(name, StringComparison.Ordinal))
                continue;
            using SafeHandle descriptor = open();
            await monitor.PassDescriptorAsync(name, descriptor, CancellationToken.None).ConfigureAwait(false);
            passed.Add(name);
        }

        return named;
    }

    private static string Name(string alias, int number) => string.Create(CultureInfo.InvariantCulture, $"fd-{alias}-{number}");

    private static JsonObject Rename(JsonObject value, string alias)
    {
        var renamed = (JsonObject)value.DeepClone();
        RenameMembers(renamed, alias);
        return renamed;
    }

    private static void RenameMembers(JsonObject value, string alias)
    {
        foreach (string member in Members)
        {
            if (value[member] is JsonValue numbers)
                value[member] = string.Join(':', numbers.ToString().Split(':').Select(number => Renamed(number, alias)));
        }

        // A socket address of a character device: {"type": "fd", "data": {"str": "4"}}.
        if ((string?)(value["type"] as JsonValue) == "fd" && value["data"] is JsonObject { } data && data["str"] is JsonValue descriptor)
            data["str"] = Renamed(descriptor.ToString(), alias);
        foreach (JsonObject inner in value.Select(member => member.Value).OfType<JsonObject>().ToArray())
            RenameMembers(inner, alias);
    }

    private static string Renamed(string number, string alias) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor) ? Name(alias, descriptor) : number;
}
