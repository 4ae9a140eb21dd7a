using System.Net.Sockets;
using Virt.Daemon.Drivers.Qemu.Hotplug;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Connects to the monitor of a run, and again when the connection was lost while the guest runs on.</summary>
internal static class MonitorConnector
{
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);

    /// <summary>The run's monitor, connected.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationTimeout"/> when QEMU does not answer,
    /// <see cref="VirtErrorCode.OperationFailed"/> when it cannot be reached.</exception>
    public static async Task<QmpClient> GetMonitorAsync(this DomainSupervisor domain, GuestRun run, CancellationToken cancel)
    {
        if (run.Monitor is { Closed.IsCompleted: false } connected)
            return connected;
        await run.Connecting.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (run.Monitor is { Closed.IsCompleted: false } meanwhile)
                return meanwhile;
            if (run.Ended.IsCompleted)
                throw domain.Invalid("is not running");
            bool again = run.Monitor is not null;
            Socket socket = await UnixAddress.ConnectAsync(run.MonitorPath, cancel).ConfigureAwait(false);
            run.Monitor = await domain.OpenMonitorAsync(run, socket, OpenLimit, cancel).ConfigureAwait(false);
            if (again)
                _ = DeviceReconciler.RunLaterAsync(domain, run);
            return run.Monitor;
        }
        catch (SocketException refused)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"the monitor of domain '{domain.Name}' cannot be reached: {refused.Message}", domain.Name);
        }
        finally
        {
            run.Connecting.Release();
        }
    }

    /// <summary>Opens a monitor on a connected socket; its events drive the domain's state.</summary>
    public static async Task<QmpClient> OpenMonitorAsync(
        this DomainSupervisor domain, GuestRun run, Socket socket, TimeSpan limit, CancellationToken cancel)
    {
        QmpClient monitor = await QmpClient.OpenAsync(socket, happened => GuestEvents.Handle(domain, run, happened), limit, cancel)
            .ConfigureAwait(false);
        _ = ReportLossAsync(domain, run, monitor);
        return monitor;
    }

    /// <summary>Executes a command on the run's monitor.</summary>
    public static async Task<System.Text.Json.JsonElement> ExecuteAsync(this DomainSupervisor domain, GuestRun run, QmpCommand command) =>
        await (await domain.GetMonitorAsync(run, CancellationToken.None).ConfigureAwait(false))
            .ExecuteAsync(command, CancellationToken.None).ConfigureAwait(false);

    private static async Task ReportLossAsync(DomainSupervisor domain, GuestRun run, QmpClient monitor)
    {
        string reason = await monitor.Closed.ConfigureAwait(false);
        run.Transfer?.TrySetResult("lost");
        foreach (TaskCompletionSource<bool> waiting in run.Unplugging.Values)
            waiting.TrySetException(VirtException.Create(VirtErrorCode.OperationFailed, $"the monitor of domain '{domain.Name}' is lost: {reason}", domain.Name));
        run.Unplugging.Clear();
        if (run.Process is { Exited.IsCompleted: false } && run.StopReason is null && domain.Run == run && !domain.Services.Stopping.IsCancellationRequested)
            QemuLog.MonitorLost(domain.Services.Logger, domain.Name, reason);
    }
}
