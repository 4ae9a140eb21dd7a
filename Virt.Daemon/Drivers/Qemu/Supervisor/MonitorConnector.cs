using System.Diagnostics;
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
    private static readonly TimeSpan SteadyTime = TimeSpan.FromSeconds(10);

    /// <summary>The run's monitor, connected.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationTimeout"/> when QEMU does not answer,
    /// <see cref="VirtErrorCode.OperationFailed"/> when it cannot be reached.</exception>
    public static async Task<QmpClient> GetMonitorAsync(this DomainSupervisor domain, GuestRun run, CancellationToken cancel)
    {
        if (run.Monitor is { Closed.IsCompleted: false } connected)
            return connected;
        try
        {
            return await ConnectAsync(domain, run).WaitAsync(OpenLimit, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationTimeout, $"the monitor of domain '{domain.Name}' did not greet within {OpenLimit.TotalSeconds} s", domain.Name,
                "The process may be stopped or its storage may hang: look at its log and at its state in ps; Stop-VirtDomain -TurnOff ends it.");
        }
    }

    /// <summary>Waits for the run's monitor however long it takes: until it answers, or the run or the daemon ends.</summary>
    public static Task<QmpClient> AwaitMonitorAsync(this DomainSupervisor domain, GuestRun run) =>
        run.Monitor is { Closed.IsCompleted: false } connected ? Task.FromResult(connected) : ConnectAsync(domain, run);

    // One connection is made at a time, for all who want it; those who stop waiting leave it to the others, because a QEMU that is
    // stopped will greet when it goes on.
    private static Task<QmpClient> ConnectAsync(DomainSupervisor domain, GuestRun run)
    {
        lock (run.ConnectingLock)
        {
            if (run.Connecting is null or { IsCompleted: true })
                run.Connecting = ConnectOnceAsync(domain, run);
            return run.Connecting;
        }
    }

    private static async Task<QmpClient> ConnectOnceAsync(DomainSupervisor domain, GuestRun run)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (run.Monitor is { Closed.IsCompleted: false } meanwhile)
            return meanwhile;
        if (run.Ended.IsCompleted)
            throw domain.Invalid("is not running");
        try
        {
            bool again = run.Monitor is not null;
            Socket socket = await HostSocket.ConnectAsync(run.MonitorPath, domain.Services.Stopping).ConfigureAwait(false);
            run.Monitor = await domain.OpenMonitorAsync(run, socket, Timeout.InfiniteTimeSpan, domain.Services.Stopping).ConfigureAwait(false);
            if (again)
                _ = DeviceReconciler.RunLaterAsync(domain, run);
            return run.Monitor;
        }
        catch (Exception refused) when (refused is SocketException or IOException)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"the monitor of domain '{domain.Name}' cannot be reached: {refused.Message}", domain.Name,
                "The guest runs on. Shut it down from within, or turn it off: Stop-VirtDomain -TurnOff.");
        }
    }

    /// <summary>Opens a monitor on a connected socket; its events drive the domain's state.</summary>
    public static async Task<QmpClient> OpenMonitorAsync(
        this DomainSupervisor domain, GuestRun run, Socket socket, TimeSpan limit, CancellationToken cancel)
    {
        QmpClient monitor = await QmpClient.OpenAsync(socket, happened => GuestEvents.Handle(domain, run, happened), limit, cancel, domain.Name)
            .ConfigureAwait(false);
        _ = ReportLossAsync(domain, run, monitor, Stopwatch.GetTimestamp());
        return monitor;
    }

    /// <summary>Executes a command on the run's monitor.</summary>
    public static async Task<System.Text.Json.JsonElement> ExecuteAsync(this DomainSupervisor domain, GuestRun run, QmpCommand command) =>
        await (await domain.GetMonitorAsync(run, CancellationToken.None).ConfigureAwait(false))
            .ExecuteAsync(command, CancellationToken.None).ConfigureAwait(false);

    private static async Task ReportLossAsync(DomainSupervisor domain, GuestRun run, QmpClient monitor, long opened)
    {
        string reason = await monitor.Closed.ConfigureAwait(false);
        run.Transfer?.TrySetResult("lost");
        foreach (TaskCompletionSource<bool> waiting in run.Unplugging.Values)
            waiting.TrySetException(VirtException.Create(VirtErrorCode.OperationFailed, $"the monitor of domain '{domain.Name}' is lost: {reason}", domain.Name));
        run.Unplugging.Clear();
        if (run.Process is { Exited.IsCompleted: false } && run.StopReason is null && domain.Run == run && !domain.Services.Stopping.IsCancellationRequested)
        {
            QemuLog.MonitorLost(domain.Services.Logger, domain.Name, reason);
            // The guest's events are missed until there is another. A monitor that ends again and again is left to who needs it.
            if (Stopwatch.GetElapsedTime(opened) > SteadyTime)
                await ((Task)ConnectAsync(domain, run)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
