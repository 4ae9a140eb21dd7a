using System.Net;
using System.Net.Sockets;
using System.Text;
using Virt.Connections;
using Virt.Errors;
using Virt.Ssh.Channels;
using Virt.Tests.Daemon.Qemu.Run;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>What SSH.NET by itself does badly: reads, ends, and far sides that send more than is read.</summary>
public sealed class LibSshChannelTests(SshServer server) : IClassFixture<SshServer>, IAsyncDisposable
{
    private const int Flood = 64 << 20;
    private readonly TestDaemon _world = new();

    private CancellationToken Time => _world.Time;

    private string Uri => server.LibSshUri(parameters: $"&socket={_world.UnixSocket}&connect_timeout=200");

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_read_ends_with_its_token_and_the_stream_goes_on()
    {
        await using Stream stream = await _world.ConnectAsync(Uri);
        using CancellationTokenSource source = new();
        Task<int> reading = stream.ReadAsync(new byte[10], source.Token).AsTask();
        Assert.False(reading.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Time));
        await stream.WriteAsync(RawPeer.Open(1), Time);
        Assert.True(await stream.ReadAsync(new byte[1], Time) > 0);
    }

    [Fact]
    public async Task The_end_of_the_stream_ends_a_read_and_leaves_nothing()
    {
        ExecStream stream = (ExecStream)await _world.ConnectAsync(Uri);
        Task<int> reading = stream.ReadAsync(new byte[10], Time).AsTask();
        stream.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(Time));
        await Assert.ThrowsAsync<IOException>(() => stream.WriteAsync(new byte[10], Time).AsTask());
        await stream.Gone.WaitAsync(Time);
        await _world.Loggers.WaitAsync("disconnected: ", Time);
    }

    [Fact]
    public async Task A_host_that_has_stopped_holds_neither_a_write_nor_the_end()
    {
        int port = await server.StartAsync("stopping", $"ForceCommand echo virtd-proxy: connected; exec cat >/dev/null");
        ExecStream stream = (ExecStream)await _world.ConnectAsync(server.LibSshUri(port, "&no_verify=1&connect_timeout=200"));
        int[] sessions = [.. server.Sessions(port)];
        Assert.NotEmpty(sessions);
        foreach (int session in sessions)
            Signals.Send(session, Signals.Stop);
        try
        {
            Task writing = Task.Run(() => stream.WriteAsync(new byte[Flood], Time).AsTask(), Time);
            using CancellationTokenSource source = new();
            Task<int> reading = stream.ReadAsync(new byte[10], source.Token).AsTask();
            stream.Dispose();
            await Assert.ThrowsAnyAsync<IOException>(() => writing.WaitAsync(Time));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(Time));
            await stream.Gone.WaitAsync(Time);
        }
        finally
        {
            foreach (int session in sessions)
                Signals.Send(session, Signals.Continue);
        }
    }

    [Fact]
    public async Task What_nobody_reads_stays_at_the_far_side()
    {
        int port = await server.StartAsync("flood", $"ForceCommand echo virtd-proxy: connected; exec head -c {Flood} /dev/zero");
        await using ExecStream stream = (ExecStream)await _world.ConnectAsync(server.LibSshUri(port, "&no_verify=1&connect_timeout=200"));
        // It comes until the window is full, whether it is read or not.
        while (stream.Unread < ExecChannel.Window - (64 << 10))
            await Task.Delay(20, Time);
        await Task.Delay(1000, Time);
        Assert.InRange(stream.Unread, 1, ExecChannel.Window);

        byte[] room = new byte[100_000];
        for (int left = Flood; left > 0;)
        {
            int count = await stream.ReadAsync(room, Time);
            Assert.InRange(count, 1, left);
            left -= count;
            Assert.InRange(stream.Unread, 0, ExecChannel.Window);
        }

        IOException end = await Assert.ThrowsAnyAsync<IOException>(() => stream.ReadAsync(room, Time).AsTask());
        Assert.Contains("has ended with exit status 0", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_far_side_that_reads_nothing_holds_a_write_until_its_token_ends()
    {
        int port = await server.StartAsync("deaf", "ForceCommand echo virtd-proxy: connected; exec sleep 1000");
        await using Stream stream = await _world.ConnectAsync(server.LibSshUri(port, "&no_verify=1&connect_timeout=200"));
        using CancellationTokenSource source = new();
        Task writing = Task.Run(() => stream.WriteAsync(new byte[Flood], source.Token).AsTask(), Time);
        await Task.Delay(500, Time);
        Assert.False(writing.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Time));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task A_host_that_falls_silent_is_given_up_at_once(string words)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using CancellationTokenSource source = new();
        Task<Stream> connecting = Task.Run(
            () => new Virt.Ssh.SshNetTransport().OpenAsync(
                new(ConnectionUri.Parse($"fake+libssh://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/system"), OpenOptions.None, ConnectAuth.None),
                source.Token).AsTask(),
            Time);
        using Socket peer = await listener.AcceptSocketAsync(Time);
        await peer.SendAsync(Encoding.ASCII.GetBytes(words), Time);
        byte[] room = new byte[1000];
        Assert.True(await peer.ReceiveAsync(room, Time) > 0);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(TimeSpan.FromSeconds(60), Time));
    }

    [Fact]
    public async Task A_host_that_does_not_exist_a_closed_port_and_another_service_are_told_apart()
    {
        VirtException error = await FailsAsync("fake+libssh://no-such-host.invalid/system");
        Assert.Contains("'no-such-host.invalid' cannot be resolved", error.Message, StringComparison.Ordinal);
        using Socket closed = new(SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        error = await FailsAsync($"fake+libssh://127.0.0.1:{((IPEndPoint)closed.LocalEndPoint!).Port}/system");
        Assert.Contains("refuses the connection", error.Message, StringComparison.Ordinal);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task accepting = Task.Run(
            async () =>
            {
                using Socket peer = await listener.AcceptSocketAsync(Time);
                await peer.ReceiveAsync(new byte[1000], Time);
            },
            Time);
        error = await FailsAsync($"fake+libssh://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/system");
        Assert.Contains("no ssh connection to 127.0.0.1 on port", error.Message, StringComparison.Ordinal);
        await accepting;
    }

    private async Task<VirtException> FailsAsync(string uri)
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => _world.OpenAsync($"{uri}?connect_timeout=200").WaitAsync(Time));
        Assert.NotNull(error.RecommendedAction);
        return error;
    }
}
