using System.Globalization;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Hosting.Systemd;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Groups;

/// <summary>
/// The systemd unit of a guest. Where virtd is a service, each QEMU gets a scope of its own in machine.slice: what is done to the
/// service - a restart, a stop, its removal, its limits - is not done to the guests, and the group of the scope is delegated, so
/// that limits can be set in it.
/// </summary>
internal static class GuestScope
{
    private const string Prefix = "virt-";
    private const string Suffix = ".scope";
    private const string Slice = "machine.slice";

    /// <summary>Whether guests get one.</summary>
    public static bool IsAvailable => SystemdManager.RunsUs;

    /// <summary>The scope's name: of the run and not of the domain alone, because the scope of the last run may be there still.</summary>
    public static string NameOf(int id, Guid uuid) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{id}-{uuid:D}{Suffix}");

    /// <summary>Puts a run's process into its scope, unless it is there. A guest that cannot have one runs on in the daemon's group;
    /// if it has limits, these fail then.</summary>
    public static async Task EnterAsync(DomainSupervisor domain, GuestRun run)
    {
        if (!IsAvailable || run.Process is not { } process || IsIn(process.Pid))
            return;
        try
        {
            await SystemdManager.MakeScopeAsync(
                NameOf(run.Id, domain.Uuid), $"Virtual machine {domain.Name}", Slice, process.Pid, CancellationToken.None).ConfigureAwait(false);
        }
        catch (VirtException refused)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "making its scope", refused.Message);
        }
    }

    /// <summary>The folder of the scope's group; null when the process is in no scope of ours.</summary>
    public static string? FolderOf(int process)
    {
        if (ControlGroups.Mount is not { } mount || ControlGroups.PathOf(process) is not { } path)
            return null;
        string[] steps = path.Split('/');
        int scope = Array.FindIndex(steps, IsScope);
        return scope < 0 ? null : mount + string.Join('/', steps.Take(scope + 1));
    }

    // In any tree: with cgroup v1, systemd keeps its units in one of their own.
    private static bool IsIn(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/cgroup").Any(line => line.Split('/').Any(IsScope));
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool IsScope(string step) =>
        step.StartsWith(Prefix, StringComparison.Ordinal) && step.EndsWith(Suffix, StringComparison.Ordinal);
}
