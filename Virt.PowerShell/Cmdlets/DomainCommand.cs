using System.Management.Automation;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// The base of commands that work on domains: work on each starts as it arrives, runs side by side, and what it brings is
/// written as it comes. A failure is an error about that domain and does not stop the others.
/// </summary>
public abstract class DomainCommand : HostCommand
{
    private readonly HashSet<(VirtHost, Guid)> _seen = [];
    private SemaphoreSlim? _slots;
    private LifecycleWatchers? _watchers;

    /// <summary>The domains: names (also with wildcards), uuids, runtime ids, or the objects themselves.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Domain", "InputObject", "Uuid", "Id", "VMName")]
    [ArgumentCompleter(typeof(DomainNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public DomainIdentity[] Name { get; set; } = [];

    /// <summary>The most calls that are under way at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 32;

    /// <summary>Lifecycle events of the hosts that are worked on, one subscription for each.</summary>
    internal LifecycleWatchers Watchers => LazyInitializer.EnsureInitialized(ref _watchers, () => new LifecycleWatchers(this));

    /// <inheritdoc/>
    protected override void BeginProcessing() => _slots = new SemaphoreSlim(ThrottleLimit);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (FoundDomain found in Find())
        {
            if (Take(found))
                Begin(found.Input, cancel => WorkAsync(found.Domain, cancel));
        }

        WriteReady();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        WriteUntilDone();
        if (_watchers is { } watchers)
        {
            _watchers = null;
            Await(async _ =>
            {
                await watchers.DisposeAsync().ConfigureAwait(false);
                return true;
            });
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // After Ctrl+C: the subscription ends by itself, nobody waits for it.
        if (disposing)
            _ = _watchers?.DisposeAsync().AsTask();
    }

    /// <summary>On the pipeline thread: whether the work on what was found is to be begun now; each domain once.</summary>
    internal virtual bool Take(FoundDomain found) =>
        _seen.Add((found.Domain.VirtHost, found.Domain.Uuid)) && Accept(found.Domain);

    /// <summary>On the pipeline thread: whether the work is to be done.</summary>
    internal virtual bool Accept(VirtDomain domain) => true;

    /// <summary>The work on one domain.</summary>
    internal abstract Task WorkAsync(VirtDomain domain, CancellationToken cancel);

    /// <summary>One call for a domain.</summary>
    internal Task<T> CallAsync<T>(
        VirtDomain domain, string call,
        Func<IHypervisorDriver, CancellationToken, ValueTask<T>> make, CancellationToken cancel) =>
        CallAsync(domain.VirtHost, $"{call} '{domain.Name}'", make, cancel);

    /// <summary>The domain as it is now.</summary>
    internal Task<DomainRecord> NowAsync(VirtDomain domain, CancellationToken cancel) =>
        CallAsync(domain, "GetDomain", (driver, token) => driver.GetDomainByUuidAsync(domain.Uuid, token), cancel);

    internal override async Task<T> CallAsync<T>(
        VirtHost host, string call, Func<IHypervisorDriver, CancellationToken, ValueTask<T>> make, CancellationToken cancel)
    {
        // Only calls are counted: a domain that is waited for takes no room from the next.
        await _slots!.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await base.CallAsync(host, call, make, cancel).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }
    }

    private List<FoundDomain> Find()
    {
        var found = new List<FoundDomain>();
        var unknown = new List<DomainIdentity>();
        foreach (DomainIdentity identity in Name)
        {
            if (identity.Domain is null)
                unknown.Add(identity);
            else if (IsMeant(identity.Domain.VirtHost))
                found.Add(new FoundDomain(identity.Domain, identity.Input));
            else
                Fail(Elsewhere(identity.Domain), identity.Input);
        }

        if (unknown.Count > 0)
        {
            IReadOnlyList<VirtHost> hosts = MeantHosts();
            found.AddRange(Await(cancel => DomainLookup.FindAsync(this, hosts, unknown, cancel)));
        }

        return found;
    }

    private static VirtException Elsewhere(VirtDomain domain) => new(
        VirtErrorCode.InvalidArgument, $"the domain '{domain.Name}' is on {domain.VirtHost.Name}, which -VirtHost does not name",
        domain.Name, "Leave -VirtHost out: a domain object knows its host.");
}
