using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Qmp;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>One part of a device as a running QEMU gets and loses it: what on the command line is an option is a command at the monitor.</summary>
/// <param name="Add">The command that adds it.</param>
/// <param name="Remove">The command that removes it; null when nothing remains of it without the rest.</param>
internal sealed record GuestPart(QmpCommand Add, QmpCommand? Remove)
{
    /// <summary>The monitor's commands for an option.</summary>
    public static GuestPart Of(QemuPart part) => part.Option switch
    {
        "-blockdev" => new(Command("blockdev-add", part.Value), Command("blockdev-del", "node-name", Id(part, "node-name"))),
        "-netdev" => new(Command("netdev_add", part.Value), Command("netdev_del", "id", Id(part))),
        "-object" => new(Command("object-add", part.Value), Command("object-del", "id", Id(part))),
        "-chardev" => new(Command("chardev-add", part.Value), Command("chardev-remove", "id", Id(part))),
        "-device" => new(Command("device_add", part.Value), Command("device_del", "id", Id(part))),
        var option => throw new InvalidOperationException($"the option {option} has no match at the monitor"),
    };

    /// <summary>A command with the members of an object as arguments.</summary>
    public static QmpCommand Command(string name, JsonObject arguments) => new(name, writer =>
    {
        foreach ((string key, JsonNode? value) in arguments)
        {
            writer.WritePropertyName(key);
            if (value is null)
                writer.WriteNullValue();
            else
                value.WriteTo(writer);
        }
    });

    /// <summary>A command with one argument.</summary>
    public static QmpCommand Command(string name, string key, string value) => new(name, writer => writer.WriteString(key, value));

    /// <summary>The id of a part.</summary>
    public static string Id(QemuPart part, string member = "id") => (string?)part.Value[member] ?? string.Empty;
}
