using Virt.Connections;
using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Listeners;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>What one client, one user or one address may take, against peers that take all they can get; others do not notice.</summary>
public sealed class LimitTests
{
    private const string Here = "192.0.2.1";
    private const string There = "192.0.2.2";

    [Fact]
    public async Task One_user_cannot_take_all_clients()
    {
        await using TestDaemon world = new(new ServerLimits { Clients = 10, ClientsPerUser = 2 });
        await using RemoteDriverConnection first = await OpenAsync(world, 1000);
        await using RemoteDriverConnection second = await OpenAsync(world, 1000);
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => OpenAsync(world, 1000));
        Assert.Equal(VirtErrorCode.ResourceLimit, error.Code);
        Assert.Contains("uid 1000 has 2 clients", error.Message, StringComparison.Ordinal);
        Assert.Contains("limits.clientsPerUser", error.RecommendedAction, StringComparison.Ordinal);
        await using RemoteDriverConnection other = await OpenAsync(world, 1001);
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(world.Time)).HostName);
    }

    [Fact]
    public async Task Who_may_only_read_shuts_nobody_out()
    {
        await using TestDaemon world = new(new ServerLimits { Clients = 16, ReservedClients = 2, ClientsPerUser = 16, ReadOnlyClientsPerUser = 6 });
        List<Stream> taken = [];
        // Two users of the read-only socket take what they get: six each, which is one limit, and twelve of sixteen seats, which is the other.
        foreach (uint user in (uint[])[1000, 1001, 1002])
        {
            for (int i = 0; i < 8; i++)
                taken.Add(world.Connect(Unix(user, readOnly: true)));
        }

        Assert.Equal(12, world.Server.Clients.Count(client => !client.IsRefused));
        Assert.Equal(6, world.Server.Clients.Count(client => !client.IsRefused && client.Session.Identity!.Name == "uid 1001"));

        // The read-write socket has two more seats, and administrators the last two.
        for (int i = 0; i < 4; i++)
            taken.Add(world.Connect(Unix(1003, readOnly: false)));
        Assert.Equal(14, world.Server.Clients.Count(client => !client.IsRefused));
        using RawPeer late = new(world.Connect(Unix(1003, readOnly: false)));
        Assert.Contains("2 seats are kept for others", (await AskAsync(world, late)).Message, StringComparison.Ordinal);
        await using RemoteDriverConnection root = await OpenAsync(world, 0);
        Assert.Equal("fakehost", (await root.Hypervisor.GetHostAsync(world.Time)).HostName);
        foreach (Stream one in taken)
            await one.DisposeAsync();
    }

    [Fact]
    public async Task Failed_tries_through_a_tunnel_shut_out_one_name_and_not_all()
    {
        await using TestDaemon world = new(new ServerLimits { AuthenticationTriesPerAddress = 4, AuthenticationDelay = TimeSpan.Zero });
        await world.Users.AddAsync(TestDaemon.User, TestDaemon.Password, world.Time);
        await world.Users.AddAsync("other", TestDaemon.Password, world.Time);
        foreach (string address in (string[])["127.0.0.1", "::/64"])
        {
            for (int i = 0; i < 4; i++)
                Assert.Equal("the user name or the password is wrong", (await TryAsync(world, address, "wrong")).Message);
            Assert.Contains(
                $"user '{TestDaemon.User}' from {address} failed to authenticate 4 times", (await TryAsync(world, address, TestDaemon.Password)).Message,
                StringComparison.Ordinal);
            await using RemoteDriverConnection other = await RemoteDriver.OpenAsync(
                world.ConnectInMemory(mustAuthenticate: true, address: address),
                new(ConnectionUri.Parse("fake:///system"), OpenOptions.None, Credentials("other")), new(), world.Time);
        }
    }

    [Fact]
    public async Task A_user_by_password_is_counted_when_the_name_is_known()
    {
        await using TestDaemon world = new(new ServerLimits { ClientsPerUser = 1, AuthenticationDelay = TimeSpan.Zero });
        await world.Users.AddAsync(TestDaemon.User, TestDaemon.Password, world.Time);
        await world.Users.AddAsync("other", TestDaemon.Password, world.Time);
        await using RemoteDriverConnection first = await world.OpenInMemoryAsync(mustAuthenticate: true, auth: Credentials(TestDaemon.User));
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => world.OpenInMemoryAsync(mustAuthenticate: true, auth: Credentials(TestDaemon.User)));
        Assert.Equal(VirtErrorCode.ResourceLimit, error.Code);
        await using RemoteDriverConnection other = await world.OpenInMemoryAsync(mustAuthenticate: true, auth: Credentials("other"));
    }

    [Fact]
    public async Task One_address_cannot_take_all_places_for_strangers()
    {
        await using TestDaemon world = new(new ServerLimits { UnauthenticatedClients = 10, UnauthenticatedClientsPerAddress = 2 });
        using RawPeer first = new(world.ConnectInMemory(mustAuthenticate: true, address: Here));
        using RawPeer second = new(world.ConnectInMemory(mustAuthenticate: true, address: Here));
        using RawPeer third = new(world.ConnectInMemory(mustAuthenticate: true, address: Here));
        Assert.Contains("the limit of one address", (await AskAsync(world, third)).Message, StringComparison.Ordinal);
        using RawPeer other = new(world.ConnectInMemory(mustAuthenticate: true, address: There));
        await other.SendAsync(RawPeer.Call(RemoteProcedure.ListAuthentication, 1), world.Time);
        Assert.Equal(FrameStatus.Ok, (await other.ReadReplyAsync(1, world.Time)).Header.Status);
    }

    [Fact]
    public async Task One_address_cannot_take_all_clients()
    {
        await using TestDaemon world = new(new ServerLimits { ClientsPerAddress = 1 });
        using RawPeer first = new(world.ConnectInMemory(mustAuthenticate: true, address: Here));
        using RawPeer second = new(world.ConnectInMemory(mustAuthenticate: true, address: Here));
        Assert.Contains("limits.clientsPerAddress", (await AskAsync(world, second)).RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connecting_anew_gives_no_new_tries_to_authenticate()
    {
        await using TestDaemon world = new(new ServerLimits { AuthenticationTriesPerAddress = 4, AuthenticationDelay = TimeSpan.Zero });
        await world.Users.AddAsync(TestDaemon.User, TestDaemon.Password, world.Time);
        for (int i = 0; i < 4; i++)
            Assert.Equal("the user name or the password is wrong", (await TryAsync(world, Here, "wrong")).Message);

        VirtException error = await TryAsync(world, Here, TestDaemon.Password);
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains($"{Here} failed to authenticate 4 times and has to wait", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Try again in ", error.RecommendedAction, StringComparison.Ordinal);

        Stream elsewhere = world.ConnectInMemory(mustAuthenticate: true, address: There);
        await using RemoteDriverConnection other = await RemoteDriver.OpenAsync(
            elsewhere, new(ConnectionUri.Parse("fake:///system"), OpenOptions.None, Credentials(TestDaemon.User)), new(), world.Time);
    }

    [Fact]
    public void Tries_come_back_with_time_and_the_table_of_addresses_is_bounded()
    {
        var time = new StepTime();
        var attempts = new AuthenticationAttempts(2, TimeSpan.FromMinutes(5), time);
        attempts.Failed(Here);
        Assert.Null(attempts.Refusal(Here));
        time.Step(TimeSpan.FromMinutes(1));
        attempts.Failed(Here);
        Assert.Equal("Try again in 240 s.", attempts.Refusal(Here)!.RecommendedAction);
        Assert.Null(attempts.Refusal(There));
        Assert.Null(attempts.Refusal(null));
        time.Step(TimeSpan.FromMinutes(4));
        Assert.Null(attempts.Refusal(Here));

        // The one that began longest ago makes room, the others stay.
        for (int i = 0; i <= AuthenticationAttempts.MostAddresses; i++)
        {
            attempts.Failed($"a{i}");
            attempts.Failed($"a{i}");
            time.Step(TimeSpan.FromMilliseconds(1));
        }

        Assert.Null(attempts.Refusal("a0"));
        Assert.NotNull(attempts.Refusal("a1"));
        Assert.NotNull(attempts.Refusal($"a{AuthenticationAttempts.MostAddresses}"));
    }

    [Theory]
    [InlineData("192.0.2.7:1", "192.0.2.7")]
    [InlineData("[::ffff:192.0.2.7]:1", "192.0.2.7")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::/64")]
    public void A_host_counts_once_however_many_addresses_it_has(string endPoint, string key) =>
        Assert.Equal(key, NetworkAddress.KeyOf(System.Net.IPEndPoint.Parse(endPoint)));

    [Fact]
    public async Task The_arguments_of_calls_in_flight_count_towards_a_clients_memory()
    {
        await using TestDaemon world = new(new ServerLimits { MemoryPerClient = 1 << 20 });
        using RawPeer peer = new(world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Open(1), world.Time);
        await peer.ReadReplyAsync(1, world.Time);
        int taken = 0;
        for (int serial = 2; serial < 30; serial++)
        {
            await peer.SendAsync(Save(serial, ballast: 100_000), world.Time);
            // What is taken is not answered before the guest is saved; what is refused is answered at once.
            await peer.SendAsync(RawPeer.Call(RemoteProcedure.ListAuthentication, 1000 + serial), world.Time);
            (FrameHeader header, _) = (await peer.ReadAsync(world.Time))!.Value;
            if (header.Serial == serial)
            {
                Assert.Equal(FrameStatus.Error, header.Status);
                break;
            }

            taken++;
        }

        Assert.InRange(taken, 5, 10);
        await using RemoteDriverConnection other = await world.OpenInMemoryAsync();
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(world.Time)).HostName);
        world.Hypervisor.Release.SetResult();
        await peer.ReadReplyAsync(2, world.Time);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task A_peer_that_lets_a_frame_drip_is_cut_off(int first)
    {
        await using TestDaemon world = new(options: new RpcConnectionOptions { StallTime = TimeSpan.FromMilliseconds(300), KeepaliveInterval = TimeSpan.FromMilliseconds(50) });
        await using RemoteDriverConnection other = await world.OpenInMemoryAsync();
        using RawPeer peer = new(world.ConnectInMemory());
        byte[] frame = RawPeer.Call(RemoteProcedure.StepAuthentication, 1, static (ref PackWriter writer) => writer.WriteBinary(new byte[20_000]));
        await peer.SendAsync(frame[..first], world.Time);
        Task end = peer.ReadToEndAsync(world.Time);
        for (int i = first; !end.IsCompleted && i < frame.Length; i++)
        {
            // Each byte is a sign of life, so that it is not the keepalive that ends this.
            await Task.WhenAny(end, Task.Delay(20, world.Time));
            try
            {
                await peer.SendAsync(frame[i..(i + 1)], world.Time);
            }
            catch (IOException)
            {
                break;
            }
        }

        await end;
        Assert.Contains("the peer is too slow", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(world.Time)).HostName);
    }

    [Fact]
    public async Task A_peer_that_lives_but_takes_no_answers_is_cut_off()
    {
        await using TestDaemon world = new(options: new RpcConnectionOptions { StallTime = TimeSpan.FromMilliseconds(300), KeepaliveInterval = TimeSpan.Zero });
        await using RemoteDriverConnection other = await world.OpenInMemoryAsync();
        using RawPeer peer = new(world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Open(1), world.Time);
        await peer.ReadReplyAsync(1, world.Time);
        await peer.SendAsync(
            RawPeer.Call(RemoteProcedure.GetDomainById, 2, static (ref PackWriter writer) =>
            {
                writer.WriteArrayHeader(1);
                writer.Write(3_000_000);
            }),
            world.Time);
        Assert.Contains("the peer does not read", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(world.Time)).HostName);
    }

    [Fact]
    public async Task Frames_that_follow_each_other_without_a_gap_are_not_slow()
    {
        await using TestDaemon world = new(options: new RpcConnectionOptions { StallTime = TimeSpan.FromMilliseconds(200), KeepaliveInterval = TimeSpan.Zero });
        using RawPeer peer = new(world.ConnectInMemory());
        byte[] calls = [.. Enumerable.Range(1, 40).SelectMany(serial => RawPeer.Call(RemoteProcedure.ListAuthentication, serial))];
        int step = RawPeer.Call(RemoteProcedure.ListAuthentication, 1).Length;

        // Always one half frame waiting, for longer than the limit; never the same one.
        int sent = step / 2;
        await peer.SendAsync(calls[..sent], world.Time);
        for (; sent < calls.Length; sent += step)
        {
            await Task.Delay(20, world.Time);
            await peer.SendAsync(calls[sent..Math.Min(sent + step, calls.Length)], world.Time);
        }

        Assert.Equal(FrameStatus.Ok, (await peer.ReadReplyAsync(40, world.Time)).Header.Status);
    }

    [Fact]
    public async Task The_longest_frame_can_be_set()
    {
        await using TestDaemon world = new(options: new RpcConnectionOptions { FrameLimit = 1 << 20 });
        using RawPeer peer = new(world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Length((1 << 20) + 1), world.Time);
        await peer.ReadToEndAsync(world.Time);
        Assert.Contains("over the limit of 1048576", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
    }

    private static ConnectAuth Credentials(string user, string password = TestDaemon.Password) => ConnectAuth.FromCredential(user, password);

    private static async Task<VirtException> TryAsync(TestDaemon world, string address, string password) =>
        await Assert.ThrowsAnyAsync<VirtException>(() => RemoteDriver.OpenAsync(
            world.ConnectInMemory(mustAuthenticate: true, address: address),
            new(ConnectionUri.Parse("fake:///system"), OpenOptions.None, Credentials(TestDaemon.User, password)), new(), world.Time).AsTask());

    private static async Task<ErrorRecord> AskAsync(TestDaemon world, RawPeer peer)
    {
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.ListAuthentication, 1), world.Time);
        return await peer.ReadErrorAsync(1, world.Time);
    }

    private static async Task<RemoteDriverConnection> OpenAsync(TestDaemon world, uint user) => await RemoteDriver.OpenAsync(
        world.Connect(new Peer("memory", "test", false, new UnixIdentity(user))),
        new(ConnectionUri.Parse("fake:///system"), OpenOptions.None, ConnectAuth.None), new(), world.Time);

    private static byte[] Save(int serial, int ballast) =>
        RawPeer.Call(RemoteProcedure.SaveDomain, serial, (ref PackWriter writer) =>
        {
            writer.WriteArrayHeader(2);
            writer.Write(Guid.Empty);
            writer.WriteBinary(new byte[ballast]);
        });

    private static Peer Unix(uint user, bool readOnly) => new("unix", $"uid {user}", readOnly, new UnixIdentity(user));
}
