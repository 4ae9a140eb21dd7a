using System.Collections.Concurrent;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>Which guests have ended since one began to listen, by the daemon's events.</summary>
internal sealed class EndedGuests : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _ends = [];
    private IAsyncDisposable? _subscription;

    private EndedGuests()
    {
    }

    /// <summary>Begins to listen.</summary>
    public static async Task<EndedGuests> ListenAsync(IHypervisorDriver hypervisor, CancellationToken cancel)
    {
        var ends = new EndedGuests();
        ends._subscription = await hypervisor.SubscribeDomainEventsAsync(
            happened =>
            {
                if (happened.Kind == DomainEventKind.Stopped)
                    ends.Of(happened.Domain.Uuid).TrySetResult();
            },
            cancel).ConfigureAwait(false);
        return ends;
    }

    /// <summary>Waits for the end of a guest.</summary>
    /// <returns>Whether it came in time.</returns>
    public async Task<bool> ComesAsync(Guid uuid, TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            await Of(uuid).Task.WaitAsync(limit, cancel).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _subscription!.DisposeAsync().ConfigureAwait(false);
        }
        catch (VirtException)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    private TaskCompletionSource Of(Guid uuid) => _ends.GetOrAdd(uuid, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
