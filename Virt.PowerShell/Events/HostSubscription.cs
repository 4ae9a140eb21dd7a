using Virt.Connections;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// A subscription to the events of one host that lives until it is disposed of. When the connection is lost, it connects and
/// subscribes again, waiting longer after each failure, and asks for the domains as they are then: what happened meanwhile shows
/// in their states. The follower is called by one thread at a time.
/// </summary>
internal sealed class HostSubscription(VirtHost host, IDomainFollower follower) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private List<DomainLifecycleEvent>? _held;
    private IAsyncDisposable? _subscription;

    /// <summary>Subscribes; fails when the host cannot be reached now.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        VirtConnection connection = await SubscribeAsync(again: false, cancel).ConfigureAwait(false);
        _ = KeepAsync(connection);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _subscription, null) is not { } subscription)
            return;
        try
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
        }
        catch (VirtException)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    private async Task<VirtConnection> SubscribeAsync(bool again, CancellationToken cancel)
    {
        bool list = again || follower.WantsDomains;
        lock (_lock)
            _held = list ? [] : null;
        VirtConnection connection = await host.ConnectionAsync(cancel).ConfigureAwait(false);
        _subscription = await connection.Hypervisor.SubscribeDomainEventsAsync(Take, cancel).ConfigureAwait(false);
        if (list)
            CatchUp(again, await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false));
        return connection;
    }

    private void Take(DomainLifecycleEvent happened)
    {
        lock (_lock)
        {
            if (_held is not null)
                _held.Add(happened);
            else
                follower.OnEvent(happened);
        }
    }

    // A list and an event that come together may tell the same: of a domain with news, only the news counts.
    private void CatchUp(bool again, IReadOnlyList<DomainRecord> domains)
    {
        lock (_lock)
        {
            List<DomainLifecycleEvent> held = _held ?? [];
            _held = null;
            HashSet<Guid> told = [.. held.Select(happened => happened.Domain.Uuid)];
            follower.OnDomains(domains, told, again);
            foreach (DomainLifecycleEvent happened in held)
                follower.OnEvent(happened);
        }
    }

    private async Task KeepAsync(VirtConnection connection)
    {
        try
        {
            while (true)
            {
                follower.OnLost(await connection.Closed.WaitAsync(_end.Token).ConfigureAwait(false));
                connection = await ResubscribeAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Unregistered.
        }
        catch (VirtException final)
        {
            follower.OnEnded(final);
        }
    }

    private async Task<VirtConnection> ResubscribeAsync()
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            try
            {
                return await SubscribeAsync(again: true, _end.Token).ConfigureAwait(false);
            }
            catch (VirtException failure) when (!host.Closed && !IsFinal(failure.Code))
            {
                await Task.Delay(pause, _end.Token).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    // To try these again would not help, and could lock the user out.
    private static bool IsFinal(VirtErrorCode code) =>
        code is VirtErrorCode.AuthenticationFailed or VirtErrorCode.AuthenticationCancelled or VirtErrorCode.AccessDenied
            or VirtErrorCode.OperationDenied or VirtErrorCode.NoSupport or VirtErrorCode.ConfigurationError;
}
