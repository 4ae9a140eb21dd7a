using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes a display of a running guest: its password, when that ends, and what becomes of those who are connected.</summary>
internal static class GraphicsUpdate
{
    /// <summary>Makes the change.</summary>
    public static async Task ApplyAsync(LiveChange change, GraphicsDevice graphics)
    {
        if (change.Names.Count == 0)
            return;
        if (change.Names.Contains("@passwd") && change.Old.Element.Attribute("passwd") is null)
        {
            throw DeviceErrors.NotLive(
                change.Domain.Name, $"the {DeviceElement.Describe(graphics.Element)} of domain '{change.Domain.Name}' was started without a password",
                "Set one with the scope Config: it takes effect with the next start.");
        }

        foreach (PostStartCommand command in graphics.PasswordCommands)
            await change.ExecuteAsync(GuestPart.Command(command.Execute, command.Arguments!)).ConfigureAwait(false);
    }
}
