using Virt.Connections;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// A subscription to the events of one host that lives until it is disposed of: when the connection is lost, it connects and
/// subscribes again, waiting longer after each failure.
/// </summary>
internal sealed class HostSubscription(VirtHost host, Action<DomainLifecycleEvent> handler) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _end = new();
    private IAsyncDisposable? _subscription;

    /// <summary>Subscribes; fails when the host cannot be reached now.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        VirtConnection connection = await SubscribeAsync(cancel).ConfigureAwait(false);
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

    private async Task<VirtConnection> SubscribeAsync(CancellationToken cancel)
    {
        VirtConnection connection = await host.ConnectionAsync(cancel).ConfigureAwait(false);
        _subscription = await connection.Hypervisor.SubscribeDomainEventsAsync(handler, cancel).ConfigureAwait(false);
        return connection;
    }

    private async Task KeepAsync(VirtConnection connection)
    {
        TimeSpan pause = FirstPause;
        try
        {
            while (true)
            {
                await connection.Closed.WaitAsync(_end.Token).ConfigureAwait(false);
                try
                {
                    connection = await SubscribeAsync(_end.Token).ConfigureAwait(false);
                    pause = FirstPause;
                }
                catch (VirtException) when (!host.Closed)
                {
                    await Task.Delay(pause, _end.Token).ConfigureAwait(false);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or VirtException)
        {
            // Unregistered, or disconnected by the user.
        }
    }
}
