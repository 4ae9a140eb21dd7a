using System.Collections.Concurrent;
using Virt.Domains;
using Virt.Errors;
using Virt.Hosts;
using Virt.Streams;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>A hypervisor whose calls do what the tests of the transport need.</summary>
internal sealed class FakeHypervisor : UnusedHypervisor
{
    private readonly ConcurrentDictionary<Action<DomainLifecycleEvent>, bool> _handlers = new();

    public static readonly DomainRecord Domain = new(
        "one", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), 7, DomainState.Running, DomainStateReason.Booted, 1 << 30, 1 << 30, 2, 2,
        true, false, false, false, null, "a domain", DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(3), "test", "x86_64", "pc");

    /// <summary>Completed by a test to let <see cref="SaveDomainAsync"/> end.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a save has begun.</summary>
    public TaskCompletionSource SaveBegun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a save was cancelled.</summary>
    public TaskCompletionSource SaveCancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the driver was disposed.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a subscription was disposed.</summary>
    public TaskCompletionSource Unsubscribed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The streams that were opened and are not disposed of yet.</summary>
    public FakeStreams Streams { get; } = new();

    public int Changes;

    public int Subscribers => _handlers.Count;

    public override ValueTask<HostRecord> GetHostAsync(CancellationToken cancel) => ValueTask.FromResult(
        new HostRecord("fakehost", "Fake", "1.0", "1.0", new("x86_64", "cpu", 2, 1000, 1, 1, 2, 1, 1 << 30, 1 << 29)));

    public override ValueTask<IReadOnlyList<DomainRecord>> ListDomainsAsync(DomainFilter filter, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<DomainRecord>>([Domain]);

    public override ValueTask<DomainRecord> GetDomainByNameAsync(string name, CancellationToken cancel) => name switch
    {
        "unreadable" => throw new InvalidDataException("a file of the driver's own"),
        "broken" => throw new InvalidOperationException("secret details of a broken driver"),
        _ when name.StartsWith("absent", StringComparison.Ordinal) =>
            throw VirtException.Create(VirtErrorCode.NoDomain, $"no domain '{name}'", name, "List the domains."),
        _ => ValueTask.FromResult(Domain with { Name = name }),
    };

    /// <summary>As many characters as the id says.</summary>
    public override ValueTask<DomainRecord> GetDomainByIdAsync(int id, CancellationToken cancel) =>
        ValueTask.FromResult(Domain with { Description = new string('x', id) });

    public override async ValueTask<DomainRecord> SaveDomainAsync(Guid uuid, CancellationToken cancel)
    {
        SaveBegun.TrySetResult();
        try
        {
            await Release.Task.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            SaveCancelled.TrySetResult();
            throw;
        }

        return Domain;
    }

    public override ValueTask<DomainRecord> SuspendDomainAsync(Guid uuid, CancellationToken cancel)
    {
        Interlocked.Increment(ref Changes);
        return ValueTask.FromResult(Domain);
    }

    public override async ValueTask<VirtStream> OpenConsoleAsync(
        Guid uuid, string? device, ConsoleOptions options, CancellationToken cancel) =>
        await Streams.OpenAsync(device ?? "echo", cancel);

    public override ValueTask<IAsyncDisposable> SubscribeDomainEventsAsync(
        Action<DomainLifecycleEvent> handler, CancellationToken cancel)
    {
        _handlers[handler] = true;
        return ValueTask.FromResult<IAsyncDisposable>(new Subscription(this, handler));
    }

    /// <summary>Raises an event that carries a number and some ballast.</summary>
    public void Raise(int number, int ballast = 0)
    {
        DomainLifecycleEvent value = new(
            DomainEventKind.Started, DomainEventDetail.Booted, DateTimeOffset.UnixEpoch,
            Domain with { Id = number, Description = new string('x', ballast) });
        foreach (Action<DomainLifecycleEvent> handler in _handlers.Keys)
            handler(value);
    }

    public override ValueTask DisposeAsync()
    {
        Disposed.TrySetResult();
        return base.DisposeAsync();
    }

    private sealed class Subscription(FakeHypervisor hypervisor, Action<DomainLifecycleEvent> handler) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            hypervisor._handlers.TryRemove(handler, out _);
            hypervisor.Unsubscribed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
