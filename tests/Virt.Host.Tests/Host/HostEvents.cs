using System.Threading.Channels;
using Virt.Connections;
using Virt.Domains;

namespace Virt.Tests.Host;

/// <summary>Waits, by the events of a virtd, until a domain is as wanted.</summary>
internal sealed class HostEvents : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Channel<DomainLifecycleEvent> _happened = Channel.CreateUnbounded<DomainLifecycleEvent>();
    private readonly VirtConnection _connection;
    private readonly Guid _uuid;
    private IAsyncDisposable? _subscription;

    private HostEvents(VirtConnection connection, Guid uuid) => (_connection, _uuid) = (connection, uuid);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Begins to listen.</summary>
    public static async Task<HostEvents> ListenAsync(VirtConnection connection, Guid uuid)
    {
        var events = new HostEvents(connection, uuid);
        events._subscription = await connection.Hypervisor.SubscribeDomainEventsAsync(change => events._happened.Writer.TryWrite(change), Cancel);
        return events;
    }

    /// <summary>Waits.</summary>
    public async Task UntilAsync(Func<DomainRecord, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (await _connection.Hypervisor.GetDomainByUuidAsync(_uuid, Cancel) is var domain && !wanted(domain))
        {
            try
            {
                await _happened.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
            {
                Assert.Fail($"it never became as wanted: {domain}");
            }
        }
    }

    public ValueTask DisposeAsync() => _subscription!.DisposeAsync();
}
