using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Waits until domains are in a state; events tell, nothing is polled.</summary>
[Cmdlet(VerbsLifecycle.Wait, "VirtDomain")]
[OutputType(typeof(VirtDomain))]
public sealed class WaitVirtDomainCommand : DomainCommand
{
    /// <summary>The states, one of which ends the wait.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public DomainState[] State { get; set; } = [];

    /// <summary>How many seconds to wait.</summary>
    [Parameter]
    [Alias("Timeout")]
    [ValidateRange(0, 2_000_000)]
    public int TimeoutSec { get; set; } = 300;

    /// <summary>Returns each domain when it is in the state.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override async Task WorkAsync(VirtDomain domain, CancellationToken cancel)
    {
        LifecycleWatcher watcher = await Watchers.ForAsync(domain.VirtHost).ConfigureAwait(false);
        using LifecycleWatcher.Expectation reached = watcher.Expect(
            domain, happened => State.Contains(happened.Domain.State) || IsGone(happened));
        DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
        if (!State.Contains(now.State))
            now = await ReachedAsync(domain, reached, cancel).ConfigureAwait(false);
        if (PassThru)
            Emit(new VirtDomain(domain.VirtHost, now));
    }

    private async Task<DomainRecord> ReachedAsync(
        VirtDomain domain, LifecycleWatcher.Expectation reached, CancellationToken cancel)
    {
        string states = string.Join(" or ", State);
        try
        {
            DomainLifecycleEvent happened = await reached.WaitAsync(TimeSpan.FromSeconds(TimeoutSec), cancel)
                .ConfigureAwait(false);
            return State.Contains(happened.Domain.State) ? happened.Domain : throw VirtException.Create(
                VirtErrorCode.NoDomain, $"the domain '{domain.Name}' was removed while it was waited for to be {states}",
                domain.Name);
        }
        catch (TimeoutException)
        {
            throw new VirtException(
                VirtErrorCode.OperationTimeout,
                $"the domain '{domain.Name}' on {domain.VirtHost.Name} was not {states} within {TimeoutSec} s", domain.Name,
                "Wait longer with -TimeoutSec, or look at its state with Get-VirtDomain.");
        }
    }

    private static bool IsGone(DomainLifecycleEvent happened) =>
        happened is { Kind: DomainEventKind.Undefined, Detail: not DomainEventDetail.Renamed, Domain.IsActive: false };
}
