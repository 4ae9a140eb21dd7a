using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Networks;

namespace Virt.Tests.Core.Connections;

public sealed class DriverWalkTests
{
    private static ValueTask<VirtConnection> Open(params IDriverModule[] modules) => VirtConnection.OpenAsync(
        new DriverTable(modules), ConnectionUri.Parse("fake:///x"), OpenOptions.None, ConnectAuth.None, TestContext.Current.CancellationToken);

    [Fact]
    public async Task The_first_that_opens_wins_and_later_ones_are_not_asked()
    {
        var declines = new Module("a", static () => null);
        var opens = new Module("b", static () => new Connection("b"));
        var never = new Module("c", static () => new Connection());

        await using VirtConnection connection = await Open(declines, opens, never);

        Assert.Equal("fake:///b", connection.CanonicalUri);
        Assert.Equal((1, 1, 0), (declines.Asked, opens.Asked, never.Asked));
    }

    [Fact]
    public async Task An_error_ends_the_walk()
    {
        var throws = new Module("a", static () => throw new VirtException(VirtErrorCode.ConfigurationError, "broken"));
        var never = new Module("b", static () => new Connection());

        VirtException error = await Assert.ThrowsAsync<VirtException>(async () => await Open(throws, never));

        Assert.Equal(VirtErrorCode.ConfigurationError, error.Code);
        Assert.Equal(0, never.Asked);
    }

    [Fact]
    public async Task Nobody_is_an_error_that_names_the_drivers()
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(async () => await Open(new Module("alpha", static () => null)));

        Assert.Equal(VirtErrorCode.NoConnect, error.Code);
        Assert.Contains("alpha", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secondary_drivers_come_from_the_connection_or_from_another_module_and_none_is_no_error_until_used()
    {
        var opens = new Module("a", static () => new Connection());
        var networks = new Module("net", static () => null) { Network = new NetworkDriver() };

        await using VirtConnection connection = await Open(opens, networks);

        Assert.Equal([SecondaryDriver.Network], connection.SecondaryDrivers);
        Assert.Same(networks.Network, connection.Network);
        VirtException error = Assert.Throws<VirtException>(() => connection.Storage);
        Assert.Equal(VirtErrorCode.NoSupport, error.Code);
    }

    [Fact]
    public async Task What_opened_is_closed_when_a_secondary_driver_fails()
    {
        var primary = new Connection();
        var opens = new Module("a", () => primary);
        var broken = new Module("net", static () => null) { SecondaryFault = new VirtException(VirtErrorCode.SystemError, "x") };

        await Assert.ThrowsAsync<VirtException>(async () => await Open(opens, broken));

        Assert.True(primary.Disposed);
    }

    private sealed class Module(string name, Func<Connection?> open) : IDriverModule
    {
        public string Name => name;

        public int Asked { get; private set; }

        public INetworkDriver? Network { get; init; }

        public VirtException? SecondaryFault { get; init; }

        public ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel)
        {
            Asked++;
            return new(open() is { } connection ? DriverOpening<IDriverConnection>.Opened(connection) : DriverOpening<IDriverConnection>.Declined);
        }

        public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(IDriverConnection primary, OpenRequest request, CancellationToken cancel)
            where T : class, IAsyncDisposable =>
            SecondaryFault is not null ? throw SecondaryFault
            : Network is T driver ? new(DriverOpening<T>.Opened(driver))
            : new(DriverOpening<T>.Declined);
    }

    private sealed class Connection(string name = "x") : IDriverConnection
    {
        public bool Disposed { get; private set; }

        public IHypervisorDriver Hypervisor => null!;

        public string CanonicalUri => $"fake:///{name}";

        public string HostName => "here";

        public Task<string> Closed { get; } = new TaskCompletionSource<string>().Task;

        public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
            where T : class, IAsyncDisposable => new(DriverOpening<T>.Declined);

        public ValueTask DisposeAsync()
        {
            Disposed = true;
            return default;
        }
    }

    private sealed class NetworkDriver : INetworkDriver
    {
        public ValueTask<IReadOnlyList<NetworkRecord>> ListNetworksAsync(CancellationToken cancel) => new(Array.Empty<NetworkRecord>());

        public ValueTask DisposeAsync() => default;
    }
}
