using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes the medium of a drive of a running guest: opens the tray, takes one out, puts another in, closes it.</summary>
internal sealed class DiskMedia(LiveChange change, DiskDevice old, DiskDevice disk)
{
    private static readonly TimeSpan TrayLimit = TimeSpan.FromSeconds(10);
    private readonly Stack<QmpCommand> _undo = new();

    /// <summary>Changes it. When a step fails the old medium is put back.</summary>
    public async Task ChangeAsync()
    {
        IReadOnlyList<QemuPart> before = Nodes(old, lastNode: null);
        int lastNode = await BlockNodes.LastAsync(change.Domain, change.Run).ConfigureAwait(false);
        IReadOnlyList<QemuPart> after = disk.Source is null ? [] : Nodes(disk, lastNode);
        try
        {
            // The new image first: one that cannot be opened must not cost the guest the old one.
            foreach (GuestPart part in after.Select(GuestPart.Of))
            {
                await change.ExecuteAsync(part.Add).ConfigureAwait(false);
                _undo.Push(part.Remove!);
            }

            await OpenTrayAsync().ConfigureAwait(false);
            if (old.Source is not null)
            {
                await change.ExecuteAsync(Command("blockdev-remove-medium")).ConfigureAwait(false);
                _undo.Push(Insert(old));
            }

            if (disk.Source is not null)
                await change.ExecuteAsync(Insert(disk)).ConfigureAwait(false);
        }
        catch
        {
            await UndoAsync().ConfigureAwait(false);
            throw;
        }

        await TryAsync(Command("blockdev-close-tray")).ConfigureAwait(false);
        foreach (GuestPart part in before.Reverse().Select(GuestPart.Of))
            await TryAsync(part.Remove!).ConfigureAwait(false);
    }

    /// <summary>Opens the tray; a guest that has locked it is asked to let it go.</summary>
    private async Task OpenTrayAsync()
    {
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        change.Run.Trays[old.Alias] = opened;
        try
        {
            await change.ExecuteAsync(Command("blockdev-open-tray")).ConfigureAwait(false);
            _undo.Push(Command("blockdev-close-tray"));
        }
        catch (QmpException locked) when (locked.Description.Contains("locked", StringComparison.Ordinal))
        {
            _undo.Push(Command("blockdev-close-tray"));
            try
            {
                await opened.Task.WaitAsync(TrayLimit).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw VirtException.Create(
                    VirtErrorCode.OperationFailed, $"the guest has locked the tray of the {DeviceElement.Describe(old.Element)}", change.Domain.Name,
                    "Unmount the medium inside the guest, or eject it there, then try again.", locked);
            }
        }
        catch (QmpException floppy) when (floppy.Description.Contains("does not have a tray", StringComparison.Ordinal))
        {
            // A floppy drive: its medium can be changed at any time.
        }
        finally
        {
            change.Run.Trays.TryRemove(old.Alias, out _);
        }
    }

    private async Task UndoAsync()
    {
        while (_undo.TryPop(out QmpCommand? undo))
            await TryAsync(undo).ConfigureAwait(false);
    }

    private async Task TryAsync(QmpCommand command)
    {
        try
        {
            await change.ExecuteAsync(command).ConfigureAwait(false);
        }
        catch (QmpException failed)
        {
            QemuLog.TaskFailed(change.Domain.Services.Logger, change.Domain.Name, "changing a medium", failed.Message);
        }
    }

    private QmpCommand Command(string name) => GuestPart.Command(name, "id", old.Alias);

    private QmpCommand Insert(DiskDevice medium) => new("blockdev-insert-medium", arguments =>
    {
        arguments.WriteString("id", old.Alias);
        arguments.WriteString("node-name", medium.Source!.Node);
    });

    private IReadOnlyList<QemuPart> Nodes(DiskDevice medium, int? lastNode) =>
        [.. DeviceParts.Of([medium], change.Domain.PathsOf(change.Run), lastNode).Parts.Where(part => part.Option != "-device")];
}
