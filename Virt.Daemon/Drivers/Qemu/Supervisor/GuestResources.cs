using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Makes what a guest needs of the host before it runs, and undoes it when it has ended.</summary>
internal static class GuestResources
{
    private static readonly TimeSpan AcquireLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(20);

    /// <summary>Makes them, in order. What was made before one fails is released with the rest of the run.</summary>
    public static async Task AcquireAsync(DomainSupervisor domain, GuestRun run, IReadOnlyList<IHostResource> resources)
    {
        run.Resources = [.. run.Resources ?? [], .. resources];
        HostServices host = HostServices.Of(domain, run.Folder);
        using var limit = new CancellationTokenSource(AcquireLimit);
        try
        {
            foreach (IHostResource resource in resources)
                await resource.AcquireAsync(host, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationTimeout, $"the host did not give domain '{domain.Name}' what it needs within {AcquireLimit.TotalSeconds} s",
                domain.Name, "See the log of virtd.");
        }
    }

    /// <summary>Releases all of a run, the last first; failures are logged.</summary>
    public static async Task ReleaseAsync(DomainSupervisor domain, GuestRun run)
    {
        try
        {
            IReadOnlyList<IHostResource> resources = run.Resources
                ?? await domain.Services.Planner.ReadResourcesAsync(run.ParseLive(), CancellationToken.None).ConfigureAwait(false);
            await ReleaseAsync(domain, run, resources).ConfigureAwait(false);
        }
        catch (Exception unreadable)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "cleaning up", unreadable.Message);
        }

        ReleaseFiles(domain);
    }

    // Whatever became of the devices: what was written down goes back.
    private static void ReleaseFiles(DomainSupervisor domain)
    {
        try
        {
            domain.Services.Ownership.Release(domain.Uuid);
        }
        catch (VirtException failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "handing files back", failed.Message);
        }
    }

    /// <summary>Releases some of a run, the last first; failures are logged.</summary>
    public static async Task ReleaseAsync(DomainSupervisor domain, GuestRun run, IReadOnlyList<IHostResource> resources)
    {
        HostServices host = HostServices.Of(domain, run.Folder);
        foreach (IHostResource resource in resources.Reverse())
        {
            try
            {
                await resource.ReleaseAsync(host).AsTask().WaitAsync(ReleaseLimit).ConfigureAwait(false);
            }
            catch (Exception failed)
            {
                QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "cleaning up", failed.Message);
            }
        }

        run.Resources = [.. (run.Resources ?? []).Except(resources)];
    }
}
