using System.Threading.Channels;
using Virt.Domains;
using Virt.Drivers;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The lifecycle events of one domain, in order.</summary>
internal sealed class EventRecorder : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Channel<DomainLifecycleEvent> _events = Channel.CreateUnbounded<DomainLifecycleEvent>();
    private IAsyncDisposable? _subscription;

    public static async Task<EventRecorder> StartAsync(IHypervisorDriver hypervisor, Guid uuid)
    {
        var recorder = new EventRecorder();
        recorder._subscription = await hypervisor.SubscribeDomainEventsAsync(
            happened =>
            {
                if (happened.Domain.Uuid == uuid)
                    recorder._events.Writer.TryWrite(happened);
            },
            TestContext.Current.CancellationToken);
        return recorder;
    }

    /// <summary>Waits for an event of the kind and returns it and what came before, as <c>Kind/Detail</c>.</summary>
    public async Task<(IReadOnlyList<string> Seen, DomainLifecycleEvent Last)> UntilAsync(DomainEventKind kind)
    {
        var seen = new List<string>();
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            DomainLifecycleEvent happened;
            try
            {
                happened = await _events.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no {kind} came; seen: {string.Join(", ", seen)}");
            }

            seen.Add($"{happened.Kind}/{happened.Detail}");
            if (happened.Kind == kind)
                return (seen, happened);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
            await _subscription.DisposeAsync();
    }
}
