using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Pause, resume, reset, power button. Everything here runs in the domain's job slot.</summary>
internal static class GuestControl
{
    private const string AgentChannel = "org.qemu.guest_agent.0";

    /// <summary>Pauses a running guest; one that is paused or crashed is left as it is.</summary>
    public static async Task SuspendAsync(DomainSupervisor domain)
    {
        GuestRun run = domain.RequireRun();
        switch (domain.Record.State)
        {
            case DomainState.Paused or DomainState.Crashed:
                return;
            case DomainState.Running:
                await PauseAsync(domain, run, DomainStateReason.User).ConfigureAwait(false);
                return;
            default:
                throw domain.Invalid($"cannot be paused: it is {Describe(domain.Record.State)}");
        }
    }

    /// <summary>Pauses a running guest for a reason.</summary>
    public static async Task PauseAsync(DomainSupervisor domain, GuestRun run, DomainStateReason reason)
    {
        run.NextPausedReason = reason;
        try
        {
            await domain.ExecuteAsync(run, "stop").ConfigureAwait(false);
        }
        finally
        {
            run.NextPausedReason = null;
        }
    }

    /// <summary>Lets a paused or crashed guest run on.</summary>
    public static async Task ResumeAsync(DomainSupervisor domain)
    {
        GuestRun run = domain.RequireRun();
        if (domain.Record.State is not (DomainState.Paused or DomainState.Crashed))
            throw domain.Invalid($"cannot be resumed: it is {Describe(domain.Record.State)}");
        await ContinueAsync(domain, run, DomainStateReason.Unpaused).ConfigureAwait(false);
    }

    /// <summary>Lets the virtual CPUs run for a reason.</summary>
    public static async Task ContinueAsync(DomainSupervisor domain, GuestRun run, DomainStateReason reason)
    {
        run.NextRunningReason = reason;
        try
        {
            await domain.ExecuteAsync(run, "cont").ConfigureAwait(false);
        }
        finally
        {
            run.NextRunningReason = null;
        }
    }

    /// <summary>Presses the reset button.</summary>
    public static async Task ResetAsync(DomainSupervisor domain)
    {
        GuestRun run = domain.RequireRun();
        await domain.ExecuteAsync(run, "system_reset").ConfigureAwait(false);
    }

    /// <summary>Presses the power button of a running guest.</summary>
    public static async Task ShutdownAsync(DomainSupervisor domain, ShutdownMode mode)
    {
        GuestRun run = domain.RequireRun();
        if (domain.Record.State != DomainState.Running)
            throw domain.Invalid($"cannot be shut down: it is {Describe(domain.Record.State)}", "Resume it first, or turn it off.");
        await PressPowerButtonAsync(domain, run, mode, reboot: false).ConfigureAwait(false);
    }

    /// <summary>Presses the power button, and starts the guest again when it is down.</summary>
    public static async Task RebootAsync(DomainSupervisor domain, ShutdownMode mode)
    {
        GuestRun run = domain.RequireRun();
        await PressPowerButtonAsync(domain, run, mode, reboot: true).ConfigureAwait(false);
    }

    private static async Task PressPowerButtonAsync(DomainSupervisor domain, GuestRun run, ShutdownMode mode, bool reboot)
    {
        if (mode == ShutdownMode.Agent)
            throw NoAgent(domain, run);
        domain.SetRebooting(run, reboot);
        await domain.ExecuteAsync(run, "system_powerdown").ConfigureAwait(false);
    }

    private static VirtException NoAgent(DomainSupervisor domain, GuestRun run)
    {
        bool hasChannel = run.ParseLive().Root.Element("devices")?.Elements("channel")
            .Any(channel => (string?)channel.Element("target")?.Attribute("name") == AgentChannel) == true;
        const string Advice = "Use ACPI: the mode Acpi, or none.";
        return hasChannel
            ? VirtException.Create(VirtErrorCode.AgentUnresponsive, $"the guest agent of domain '{domain.Name}' is not connected", domain.Name, Advice)
            : VirtException.Create(
                VirtErrorCode.ArgumentUnsupported, $"domain '{domain.Name}' has no channel '{AgentChannel}' for a guest agent", domain.Name, Advice);
    }

    private static string Describe(DomainState state) => state switch
    {
        DomainState.Running => "running",
        DomainState.Paused => "paused",
        DomainState.Crashed => "crashed",
        DomainState.PMSuspended => "suspended by its own power management",
        DomainState.Shutdown => "shutting down",
        _ => "off",
    };
}
