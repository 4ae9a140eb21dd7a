using Virt.Drivers;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>The driver module of <c>fake://</c>: every connection of one test shares its hypervisor.</summary>
internal sealed class FakeModule : IDriverModule
{
    public FakeHypervisor Hypervisor { get; } = new();

    public string Name => "fake";

    public ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel) =>
        ValueTask.FromResult(request.Uri.Driver == "fake"
            ? DriverOpening<IDriverConnection>.Opened(new Connection(Hypervisor, request.Uri.ToString()))
            : DriverOpening<IDriverConnection>.Declined);

    private sealed class Connection(FakeHypervisor hypervisor, string uri) : IDriverConnection
    {
        public IHypervisorDriver Hypervisor => hypervisor;

        public string CanonicalUri => uri;

        public string HostName => "fakehost";

        public Task<string> Closed { get; } = new TaskCompletionSource<string>().Task;

        public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
            where T : class, IAsyncDisposable => ValueTask.FromResult(DriverOpening<T>.Declined);

        public ValueTask DisposeAsync() => hypervisor.DisposeAsync();
    }
}
