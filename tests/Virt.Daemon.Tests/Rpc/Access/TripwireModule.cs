using System.Collections.Concurrent;
using System.Reflection;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>The drivers of <c>fake://</c>, of all kinds, that do nothing but note that they were called.</summary>
internal sealed class TripwireModule : IDriverModule
{
    private readonly ConcurrentQueue<string> _calls = new();

    public string Name => "fake";

    /// <summary>The methods called since this was asked last.</summary>
    public IReadOnlyList<string> TakeCalls()
    {
        List<string> taken = [];
        while (_calls.TryDequeue(out string? call))
            taken.Add(call);
        return taken;
    }

    public ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel) =>
        ValueTask.FromResult(DriverOpening<IDriverConnection>.Opened(new Connection(this)));

    private T Wire<T>()
        where T : class
    {
        T proxy = DispatchProxy.Create<T, Tripwire>();
        ((Tripwire)(object)proxy).Calls = _calls;
        return proxy;
    }

    private sealed class Connection(TripwireModule module) : IDriverConnection
    {
        public IHypervisorDriver Hypervisor { get; } = module.Wire<IHypervisorDriver>();

        public string CanonicalUri => "fake:///system";

        public string HostName => "fakehost";

        public Task<string> Closed { get; } = new TaskCompletionSource<string>().Task;

        public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
            where T : class, IAsyncDisposable => ValueTask.FromResult(DriverOpening<T>.Opened(module.Wire<T>()));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Notes each call and fails it.</summary>
internal class Tripwire : DispatchProxy
{
    public ConcurrentQueue<string>? Calls { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IAsyncDisposable.DisposeAsync))
            return default(ValueTask);
        Calls!.Enqueue(targetMethod.Name);
        throw VirtException.Create(VirtErrorCode.OperationFailed, "the driver was reached");
    }
}
