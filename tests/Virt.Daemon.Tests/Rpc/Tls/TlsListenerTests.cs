using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Virt.Daemon.Rpc;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>The daemon's side of TLS against time, change and hostile peers.</summary>
public sealed class TlsListenerTests
{
    private static readonly ServerLimits FewLimits = new()
    {
        UnauthenticatedClients = 4, AuthenticationTime = TimeSpan.FromSeconds(30), AuthenticationDelay = TimeSpan.Zero,
    };

    [Fact]
    public async Task A_renewed_certificate_is_served_without_a_restart()
    {
        await using TestDaemon world = new();
        TestPki pki = new(Path.Combine(world.Folder, "pki"));
        int port = world.ListenTls(pki);
        await using RemoteDriverConnection before = await OpenAsync(world, pki, port);
        string first = await ServedAsync(world, port);
        pki.IssueServer(["localhost"], [IPAddress.Loopback]);
        await using RemoteDriverConnection after = await OpenAsync(world, pki, port);
        Assert.NotEqual(first, await ServedAsync(world, port));
        Assert.Equal("fakehost", (await before.Hypervisor.GetHostAsync(world.Time)).HostName);
    }

    [Fact]
    public async Task A_broken_renewal_keeps_the_old_certificate_and_is_logged_and_a_good_one_is_taken_after_it()
    {
        await using TestDaemon world = new();
        TestPki pki = new(Path.Combine(world.Folder, "pki"));
        int port = world.ListenTls(pki);
        string first = await ServedAsync(world, port);
        await File.WriteAllTextAsync(pki.Certificate, "half a certif", world.Time);
        Assert.Equal(first, await ServedAsync(world, port));
        Assert.Contains("has no certificate", await world.Loggers.WaitAsync("the ones before stay in use", world.Time), StringComparison.Ordinal);
        File.Delete(pki.Key);
        await using (await OpenAsync(world, pki, port))
        {
        }

        pki.IssueServer(["localhost"], []);
        Assert.NotEqual(first, await ServedAsync(world, port));
    }

    [Fact]
    public async Task Stalled_handshakes_hold_nobody_and_the_oldest_makes_room()
    {
        await using TestDaemon world = new(FewLimits);
        TestPki pki = new(Path.Combine(world.Folder, "pki"));
        int port = world.ListenTls(pki);
        List<TcpClient> stalled = [];
        try
        {
            for (int i = 0; i < 20; i++)
                stalled.Add(await ConnectAsync(world, port));
            for (int i = 0; i < 5; i++)
            {
                await using RemoteDriverConnection good = await OpenAsync(world, pki, port);
                Assert.Equal("fakehost", good.HostName);
            }

            Assert.Equal(0, await stalled[0].GetStream().ReadAsync(new byte[1], world.Time));
            await world.Loggers.WaitAsync("it made room for another", world.Time);
        }
        finally
        {
            stalled.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task The_address_that_has_most_makes_room_and_not_the_one_that_is_slow()
    {
        await using TestDaemon world = new(FewLimits);
        int port = world.ListenTls(new TestPki(Path.Combine(world.Folder, "pki")));
        using TcpClient slow = await ConnectAsync(world, port);
        List<TcpClient> flood = [];
        try
        {
            foreach (string from in (string[])["127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.4"])
                flood.Add(await ConnectAsync(world, port, from));
            await world.Loggers.WaitAsync("with 127.0.0.2", world.Time);
            await using SslStream stream = new(slow.GetStream(), leaveInnerStreamOpen: true);
            await stream.AuthenticateAsClientAsync(Any(), world.Time);
            Assert.True(stream.IsAuthenticated);
        }
        finally
        {
            flood.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_stalled_handshake_ends_with_the_time_to_authenticate()
    {
        await using TestDaemon world = new(new ServerLimits { AuthenticationTime = TimeSpan.FromMilliseconds(200) });
        using TcpClient stalled = await ConnectAsync(world, world.ListenTls(new TestPki(Path.Combine(world.Folder, "pki"))));
        // The beginning of a ClientHello, and no more.
        await stalled.GetStream().WriteAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01 }, world.Time);
        Assert.Equal(0, await stalled.GetStream().ReadAsync(new byte[1], world.Time));
        await world.Loggers.WaitAsync("did not end within 0.2 s", world.Time);
    }

    [Fact]
    public async Task The_end_of_the_daemon_ends_handshakes()
    {
        TestDaemon world = new();
        int port = world.ListenTls(new TestPki(Path.Combine(world.Folder, "pki")));
        using TcpClient stalled = await ConnectAsync(world, port);
        await stalled.GetStream().WriteAsync(new byte[] { 0x16 }, world.Time);
        await world.DisposeAsync();
        using CancellationTokenSource time = new(TimeSpan.FromSeconds(60));
        Assert.True(await EndsAsync(stalled.GetStream(), time.Token));
    }

    [Theory]
    [InlineData("474554202f20485454502f312e310d0a0d0a")] // GET / HTTP/1.1
    [InlineData("16030100050100000100")]
    [InlineData("1603010fff")]
    [InlineData("1703030010000102030405060708090a0b0c0d0e0f")]
    [InlineData("15030100020228")]
    [InlineData("0000000896010103000100c0")] // a frame of the RPC protocol
    [InlineData("ffffffffffffffffffffffffffffffff")]
    public async Task Bytes_that_are_no_handshake_end_that_connection_only(string hex)
    {
        await using TestDaemon world = new();
        TestPki pki = new(Path.Combine(world.Folder, "pki"));
        int port = world.ListenTls(pki);
        using TcpClient hostile = await ConnectAsync(world, port);
        NetworkStream stream = hostile.GetStream();
        await stream.WriteAsync(Convert.FromHexString(hex), world.Time);
        hostile.Client.Shutdown(SocketShutdown.Send);
        Assert.True(await EndsAsync(stream, world.Time));
        await world.Loggers.WaitAsync("A TLS handshake with 127.0.0.1", world.Time);
        await using RemoteDriverConnection good = await OpenAsync(world, pki, port);
    }

    [Fact]
    public async Task Random_bytes_end_their_connections_only()
    {
        await using TestDaemon world = new();
        TestPki pki = new(Path.Combine(world.Folder, "pki"));
        int port = world.ListenTls(pki);
        Random random = new(16614);
        for (int i = 0; i < 200; i++)
        {
            using TcpClient hostile = await ConnectAsync(world, port);
            byte[] bytes = new byte[random.Next(1, 600)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
                new byte[] { 0x16, 0x03, 0x01, 0x00, (byte)bytes.Length }.AsSpan(0, Math.Min(5, bytes.Length)).CopyTo(bytes);
            await hostile.GetStream().WriteAsync(bytes, world.Time);
        }

        await using RemoteDriverConnection good = await OpenAsync(world, pki, port);
        Assert.Equal("fakehost", good.HostName);
    }

    [Fact]
    public async Task Refused_clients_that_stay_do_not_keep_others_out()
    {
        await using TestDaemon world = new();
        TestPki pki = new(Path.Combine(world.Folder, "pki"));
        int port = world.ListenTls(pki);
        List<SslStream> refused = [];
        for (int i = 0; i < 80; i++)
        {
            SslStream stream = new(await ConnectStreamAsync(world, port), leaveInnerStreamOpen: false);
            refused.Add(stream);
            await stream.AuthenticateAsClientAsync(Any(), world.Time);
        }

        await using RemoteDriverConnection good = await OpenAsync(world, pki, port);
        Assert.Equal("fakehost", good.HostName);
        foreach (SslStream stream in refused)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_large_frame_of_a_client_without_certificate_is_not_taken()
    {
        await using TestDaemon world = new();
        int port = world.ListenTls(new TestPki(Path.Combine(world.Folder, "pki")));
        SslStream stream = new(await ConnectStreamAsync(world, port), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(Any(), world.Time);
        using RawPeer peer = new(stream);
        await peer.SendAsync(RawPeer.Length(RpcLimits.UnauthenticatedFrame + 1), world.Time);
        await peer.ReadToEndAsync(world.Time);
        Assert.Contains("over the limit", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_does_not_begin_with_a_key_that_everyone_can_read()
    {
        await using TestDaemon world = new();
        string open = Path.Combine(world.Folder, "pki");
        TestPki pki = new(open);
        File.SetUnixFileMode(pki.Key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        VirtException error = Assert.Throws<VirtException>(() => world.ListenTls(pki));
        Assert.Equal(VirtErrorCode.ConfigurationError, error.Code);
        Assert.Contains($"every user of this machine can read the private key {pki.Key}", error.Message, StringComparison.Ordinal);
    }

    private static Task<RemoteDriverConnection> OpenAsync(TestDaemon world, TestPki pki, int port) =>
        world.OpenAsync($"fake+tls://localhost:{port}/system?pkipath={pki.AliceFolder}");

    private static async Task<TcpClient> ConnectAsync(TestDaemon world, int port, string from = "127.0.0.1")
    {
        TcpClient client = new(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, port, world.Time);
        return client;
    }

    private static async Task<NetworkStream> ConnectStreamAsync(TestDaemon world, int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, world.Time);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Reads to the end; a reset is one as well.</summary>
    private static async Task<bool> EndsAsync(NetworkStream stream, CancellationToken cancel)
    {
        try
        {
            byte[] buffer = new byte[256];
            while (await stream.ReadAsync(buffer, cancel) > 0)
            {
            }
        }
        catch (IOException)
        {
        }

        return true;
    }

    /// <summary>The serial number of the certificate that the server shows.</summary>
    private static async Task<string> ServedAsync(TestDaemon world, int port)
    {
        string serial = string.Empty;
        await using SslStream stream = new(await ConnectStreamAsync(world, port), leaveInnerStreamOpen: false);
        SslClientAuthenticationOptions options = Any();
        options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            serial = ((X509Certificate2)certificate!).SerialNumber;
            return serial.Length > 0;
        };
        await stream.AuthenticateAsClientAsync(options, world.Time);
        return serial;
    }

    private static SslClientAuthenticationOptions Any() => new()
    {
        TargetHost = "localhost",
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
    };
}
