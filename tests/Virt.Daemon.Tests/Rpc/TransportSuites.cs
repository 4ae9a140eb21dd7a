using System.Net.Sockets;
using Virt.Connections;
using Virt.Errors;
using Virt.Remote;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>The suite over two streams in this process.</summary>
public sealed class InMemoryTransportTests : TransportSuite
{
    private protected override Task<Stream> ConnectAsync(TestDaemon world) => Task.FromResult(world.ConnectInMemory());

    [Fact]
    public Task A_stream_carries_64_MiB_both_ways_at_once_while_calls_go_on() => CarryBothWaysAsync(64 << 20);
}

/// <summary>The suite over a unix socket.</summary>
public sealed class UnixTransportTests : TransportSuite
{
    private protected override Task<Stream> ConnectAsync(TestDaemon world) =>
        world.ConnectAsync($"fake+unix:///system?socket={world.UnixSocket}");

    [Fact]
    public async Task A_read_only_socket_reads_and_changes_nothing()
    {
        await using RemoteDriverConnection connection = await World.OpenAsync($"fake:///system?socket={World.ListenUnix(readOnly: true)}");
        Assert.True(connection.IsReadOnly);
        Assert.Equal("fakehost", (await connection.Hypervisor.GetHostAsync(Time)).HostName);
        VirtException error = await Assert.ThrowsAsync<VirtAccessDeniedException>(
            () => connection.Hypervisor.SuspendDomainAsync(Guid.Empty, Time).AsTask());
        Assert.Equal(VirtErrorCode.OperationDenied, error.Code);
        Assert.Equal(0, Hypervisor.Changes);
    }

    [Fact]
    public async Task A_read_only_connection_to_the_other_socket_is_denied_as_well()
    {
        await using RemoteDriverConnection connection = await World.OpenAsync(
            $"fake:///system?socket={World.ListenUnix()}", options: OpenOptions.ReadOnly);
        await Assert.ThrowsAsync<VirtAccessDeniedException>(() => connection.Hypervisor.SuspendDomainAsync(Guid.Empty, Time).AsTask());
        Assert.Equal(0, Hypervisor.Changes);
    }

    [Fact]
    public async Task The_daemon_tells_its_administrator_about_itself()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        DaemonRecord daemon = await connection.Admin.GetDaemonAsync(Time);
        Assert.Equal((Environment.ProcessId, 1), (daemon.ProcessId, daemon.Clients));
        Assert.True(daemon.CallsServed >= 2);
        ClientRecord client = Assert.Single(await connection.Admin.ListClientsAsync(Time));
        Assert.Equal("unix", client.Transport);
        Assert.StartsWith($"pid {Environment.ProcessId} uid ", client.Peer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_peer_is_no_administrator()
    {
        await using RemoteDriverConnection connection = await World.OpenAsync($"fake:///system?socket={World.ListenUnix(readOnly: true)}");
        await Assert.ThrowsAsync<VirtAccessDeniedException>(() => connection.Admin.ListClientsAsync(Time).AsTask());
    }

    [Fact]
    public async Task Without_a_socket_the_error_says_how_to_start_the_daemon()
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(
            () => World.OpenAsync($"fake:///system?socket={World.SocketPath()}"));
        Assert.Equal(VirtErrorCode.SystemError, error.Code);
        Assert.Contains(World.SocketPath(), error.Message, StringComparison.Ordinal);
        Assert.Contains("virtd", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_socket_is_reported_by_the_client_and_replaced_by_the_daemon()
    {
        // Closed without its Socket being disposed, which would delete the file as a daemon that ends in order does.
        Socket stale = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stale.Bind(new UnixDomainSocketEndPoint(World.SocketPath()));
        GC.SuppressFinalize(stale);
        stale.SafeHandle.Dispose();
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(
            () => World.OpenAsync($"fake:///system?socket={World.SocketPath()}"));
        Assert.Equal(VirtErrorCode.SystemError, error.Code);
        Assert.Contains("left it behind", error.Message, StringComparison.Ordinal);
        await using RemoteDriverConnection connection = await OpenAsync();
    }

    [Fact]
    public async Task A_socket_that_is_answered_is_not_taken_over()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        VirtException error = Assert.Throws<VirtException>(() => World.ListenUnix());
        Assert.Contains("another daemon answers", error.Message, StringComparison.Ordinal);
        Assert.Equal("fakehost", (await connection.Hypervisor.GetHostAsync(Time)).HostName);
    }
}

/// <summary>The suite over tcp, with SCRAM-SHA-256.</summary>
public sealed class TcpTransportTests : TransportSuite
{
    private protected override ConnectAuth Auth => ConnectAuth.FromCredential(TestDaemon.User, TestDaemon.Password);

    private protected override async Task<Stream> ConnectAsync(TestDaemon world) =>
        await world.ConnectAsync($"fake+tcp://127.0.0.1:{await world.TcpPortAsync()}/system");

    [Fact]
    public async Task A_network_client_is_no_administrator()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await Assert.ThrowsAsync<VirtAccessDeniedException>(() => connection.Admin.GetDaemonAsync(Time).AsTask());
    }

    [Fact]
    public async Task A_refused_connection_says_what_to_check()
    {
        int port = await World.ListenTcpAsync();
        await World.Server.StopAcceptingAsync();
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => World.OpenAsync($"fake+tcp://127.0.0.1:{port}/system"));
        Assert.Equal(VirtErrorCode.SystemError, error.Code);
        Assert.Contains($"{port}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong", TestDaemon.Password)]
    [InlineData(TestDaemon.User, "wrong")]
    public async Task A_wrong_name_and_a_wrong_password_are_one_error(string user, string password)
    {
        int port = await World.ListenTcpAsync();
        VirtException error = await Assert.ThrowsAsync<VirtException>(
            () => World.OpenAsync($"fake+tcp://127.0.0.1:{port}/system", ConnectAuth.FromCredential(user, password)));
        Assert.Equal((VirtErrorCode.AuthenticationFailed, "the user name or the password is wrong"), (error.Code, error.Message));
    }

    [Fact]
    public async Task Without_answers_the_error_asks_for_a_credential()
    {
        int port = await World.ListenTcpAsync();
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => World.OpenAsync($"fake+tcp://127.0.0.1:{port}/system"));
        Assert.Equal(VirtErrorCode.AuthenticationCancelled, error.Code);
    }
}
