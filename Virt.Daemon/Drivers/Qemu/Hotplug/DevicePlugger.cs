using System.Text.Json;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Adds the parts of devices to a running QEMU, all or none.</summary>
internal sealed class DevicePlugger(DomainSupervisor domain, GuestRun run, string what)
{
    private readonly Stack<QmpCommand> _undo = new();

    /// <summary>Adds the parts in order; when one is refused, those before it are taken out again.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="alias">The device's alias.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InternalError"/> with QEMU's words.</exception>
    public async Task PlugAsync(DeviceParts parts, string alias)
    {
        QmpClient monitor = await domain.GetMonitorAsync(run, CancellationToken.None).ConfigureAwait(false);
        var descriptors = new List<string>();
        try
        {
            foreach (QemuPart part in await HotplugDescriptors.PassAsync(monitor, alias, parts, descriptors).ConfigureAwait(false))
                await AddAsync(monitor, GuestPart.Of(part)).ConfigureAwait(false);
            foreach (QmpCommand action in parts.Actions)
                await monitor.ExecuteAsync(action, CancellationToken.None).ConfigureAwait(false);
            foreach (PostStartCommand command in parts.Arguments.PostStart)
            {
                JsonElement reply = await monitor.ExecuteAsync(
                    GuestPart.Command(command.Execute, command.Arguments ?? new JsonObject()), CancellationToken.None).ConfigureAwait(false);
                command.Reply?.Invoke(reply);
            }
        }
        catch (QmpException refused)
        {
            await UndoAsync(monitor, descriptors).ConfigureAwait(false);
            throw Refused(refused);
        }
        catch
        {
            await UndoAsync(monitor, descriptors).ConfigureAwait(false);
            throw;
        }
    }

    private async Task AddAsync(QmpClient monitor, GuestPart part)
    {
        await monitor.ExecuteAsync(part.Add, CancellationToken.None).ConfigureAwait(false);
        if (part.Remove is { } remove)
            _undo.Push(remove);
    }

    private async Task UndoAsync(QmpClient monitor, List<string> descriptors)
    {
        while (_undo.TryPop(out QmpCommand? remove))
            await TryAsync(monitor, remove).ConfigureAwait(false);
        // Those that a part took are no longer under their names.
        foreach (string name in descriptors)
            await TryAsync(monitor, GuestPart.Command("closefd", "fdname", name), expected: true).ConfigureAwait(false);
    }

    private async Task TryAsync(QmpClient monitor, QmpCommand command, bool expected = false)
    {
        try
        {
            await monitor.ExecuteAsync(command, CancellationToken.None).ConfigureAwait(false);
        }
        catch (VirtException failed)
        {
            if (!expected)
                QemuLog.TaskFailed(domain.Services.Logger, domain.Name, $"taking back a part of the {what}", failed.Message);
        }
    }

    private VirtException Refused(QmpException refused) => VirtException.Create(
        VirtErrorCode.InternalError, $"QEMU does not take the {what}: {refused.Description}", domain.Name,
        refused.Description.Contains("does not support hotplugging", StringComparison.Ordinal)
            ? "Devices can be plugged behind a pcie-root-port, or where the guest has ACPI; or use the scope Config."
            : "Correct what it names, or add the device with the scope Config.",
        refused);
}
