using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes a network card of a running guest: whether its cable is in.</summary>
internal static class InterfaceUpdate
{
    /// <summary>Makes the change.</summary>
    public static async Task ApplyAsync(LiveChange change)
    {
        if (change.Names.FirstOrDefault(name => name is "bandwidth" or "filterref") is { } name)
        {
            throw DeviceErrors.NotLive(
                change.Domain.Name, $"the {name} of the {DeviceElement.Describe(change.Changed.Element)} cannot change while the guest runs",
                "Use the scope Config: it takes effect with the next start.");
        }

        if (!change.Names.Contains("link"))
            return;
        bool up = change.Changed.Element.Element("link")?.Text("state") != "down";
        await change.ExecuteAsync(new QmpCommand("set_link", arguments =>
        {
            arguments.WriteString("name", change.Changed.Alias);
            arguments.WriteBoolean("up", up);
        })).ConfigureAwait(false);
    }
}
