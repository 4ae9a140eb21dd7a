using System.Security;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Process.Native;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>
/// Finds the guests that run without a status file that can be used, and tells what is known of them: from the parts of that file,
/// from the persistent definition, or from QEMU's command line. Removes what guests have left that do not run.
/// </summary>
internal sealed class RunRecovery(QemuServices services)
{
    /// <summary>Statuses for guests that no status tells of; a run folder that nobody uses is removed.</summary>
    /// <param name="known">The runs that a status tells of.</param>
    /// <param name="parts">What files that could not be used still told.</param>
    public async Task<IReadOnlyList<RunStatus>> RecoverAsync(IReadOnlyCollection<RunStatus> known, IReadOnlyDictionary<Guid, StatusParts> parts)
    {
        HashSet<Guid> told = [.. known.Select(status => status.Uuid)];
        var recovered = new Dictionary<Guid, RunStatus>();
        foreach (GuestProcess process in FindProcesses().Where(process => told.Add(process.Uuid)))
            recovered.Add(process.Uuid, await DescribeAsync(process, parts.GetValueOrDefault(process.Uuid)).ConfigureAwait(false));
        foreach (string folder in Folders.List(services.Folders.Run))
        {
            if (Guid.TryParseExact(Path.GetFileName(folder), "D", out Guid uuid) && !told.Contains(uuid) && Folders.Exists(folder))
                Remove(folder, uuid);
        }

        return [.. recovered.Values];
    }

    /// <summary>The process of a domain's run, by its command line.</summary>
    public ProcessIdentity? FindProcess(Guid uuid) =>
        FindProcesses().FirstOrDefault(process => process.Uuid == uuid)?.Identity;

    /// <summary>Ends what serves a run that is over and is not told of by any file, as a helper whose start was cut short.</summary>
    public void EndHelpers(string folder)
    {
        HashSet<uint> users = [Accounts.Own, .. SharedUsers()];
        if (RunFolder.OwnerOf(folder) is { User: var owner })
            users.Add(owner);
        foreach (int pid in GuestProcess.FindUsersOf(folder, users))
        {
            using PidFd? process = PidFd.TryOpen(pid);
            process?.Signal(9);
        }
    }

    // A process can say of itself what it likes. Whose the run's folder is tells its user; without a folder it can be any that guests have.
    private IEnumerable<GuestProcess> FindProcesses()
    {
        HashSet<uint> users = [Accounts.Own, .. SharedUsers()];
        var owners = new Dictionary<Guid, uint>();
        foreach (Guid uuid in QemuFolders.DomainsIn(services.Folders.Run))
        {
            if (RunFolder.OwnerOf(services.Folders.RunOf(uuid)) is { User: var owner })
                owners[uuid] = owner;
        }

        return GuestProcess.Find(services.Folders.Run, user => users.Contains(user) || owners.ContainsValue(user) || services.Users.Range?.Has(user) == true)
            .Where(process => !owners.TryGetValue(process.Uuid, out uint owner) || owner == process.User);
    }

    private List<uint> SharedUsers()
    {
        var users = new List<uint>();
        try
        {
            QemuUser? guests = services.Users.FindShared();
            users.AddRange(((QemuUser?[])[guests, services.Users.FindForTpm(guests)]).OfType<QemuUser>().Select(user => user.User));
        }
        catch (VirtException)
        {
            // There is none by now.
        }

        return users;
    }

    private async Task<RunStatus> DescribeAsync(GuestProcess process, StatusParts? parts)
    {
        DomainSupervisor? domain = services.Table.All.FirstOrDefault(domain => domain.Uuid == process.Uuid);
        (string xml, string source) = parts?.Xml is { } live
            ? (live, "is left of its file")
            : await ReadAsync(process, domain?.Config).ConfigureAwait(false);
        StoredDefinition definition = StoredDefinition.FromXml(xml);
        QemuLog.Recovered(services.Logger, definition.Name, process.Identity.Pid, source);
        // A guest that was to read a saved state that is still there has not run; whether another has is found out from QEMU.
        RunPhase phase = parts?.Phase ?? (process.IsIncoming && services.SavedStates.Exists(definition.Name) ? RunPhase.Restoring : RunPhase.Running);
        return new RunStatus(
            RunStatus.CurrentFormat, definition.Name, process.Uuid, parts?.Id ?? 0, phase, process.Identity.Pid, process.Identity.StartTicks,
            process.Identity.BootId, parts?.State ?? DomainState.Running, parts?.Reason ?? DomainStateReason.Unknown,
            parts?.StartedAt ?? DateTimeOffset.UtcNow, StartPaused: false, parts?.AutoDestroy ?? false, Rebooting: false,
            parts?.Memory ?? definition.Memory, services.Folders.RunOf(process.Uuid), xml);
    }

    private async Task<(string Xml, string Source)> ReadAsync(GuestProcess process, StoredDefinition? config)
    {
        if (config is null)
            return (FromCommandLine(process), "its command line");
        string folder = services.Folders.RunOf(process.Uuid);
        try
        {
            // The same definition plans the same devices, aliases and addresses.
            GuestPlan plan = await services.Planner.PlanAsync(
                config.Parse(), new GuestPlaces(folder, GuestRun.PidFileIn(folder), services.Folders.LogOf(config.Name), Restoring: false),
                CancellationToken.None).ConfigureAwait(false);
            return (plan.LiveXml(), "its definition");
        }
        catch (VirtException)
        {
            return (config.Xml, "its definition");
        }
    }

    private static string FromCommandLine(GuestProcess process) => $"""
        <domain type='qemu'>
          <name>{SecurityElement.Escape(process.Name)}</name>
          <uuid>{process.Uuid:D}</uuid>
          <memory unit='b'>{process.Memory ?? 64 << 20}</memory>
          <vcpu>{process.VCpu ?? 1}</vcpu>
          <os><type>hvm</type></os>
          <devices/>
        </domain>
        """;

    private void Remove(string folder, Guid uuid)
    {
        EndHelpers(folder);
        QemuLog.FolderRemoved(services.Logger, folder);
        GuestEndings.Clear(services, uuid);
    }
}
