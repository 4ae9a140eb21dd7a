using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Errors;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

public sealed class QmpClientTests
{
    private const string Greeting = """{"QMP":{"version":{"qemu":{"major":7}},"capabilities":[]}}""" + "\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_are_multiplexed_and_matched_by_id()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        Task<JsonElement> first = monitor.Client.ExecuteAsync("first", Cancel);
        Task<JsonElement> second = monitor.Client.ExecuteAsync(new QmpCommand("second", w => w.WriteString("a", "\"\n")), Cancel);
        JsonElement one = await monitor.ReadAsync();
        JsonElement two = await monitor.ReadAsync();
        Assert.Equal("\"\n", two.GetProperty("arguments").GetProperty("a").GetString());
        await monitor.SendAsync($$"""{"return":2,"id":{{two.GetProperty("id")}}}""" + "\n");
        Assert.Equal(2, (await second).GetInt32());
        Assert.False(first.IsCompleted);
        await monitor.SendAsync($$"""{"return":{"x":1},"id":{{one.GetProperty("id")}}}""" + "\n");
        Assert.Equal(1, (await first).GetProperty("x").GetInt32());
    }

    [Fact]
    public async Task Bytes_may_arrive_one_by_one()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        Task<JsonElement> asked = monitor.Client.ExecuteAsync("ask", Cancel);
        string id = (await monitor.ReadAsync()).GetProperty("id").ToString();
        foreach (byte one in Encoding.UTF8.GetBytes($"\n\r\n{{\"event\":\"X\",\"data\":{{\"t\":\"grün\"}}}}\n{{\"return\":7,\"id\":{id}}}\n"))
            await monitor.SendAsync([one]);
        Assert.Equal(7, (await asked).GetInt32());
        Assert.Equal("grün", Assert.Single(monitor.Events).Text("t"));
    }

    [Fact]
    public async Task Events_come_in_order_and_before_the_reply_behind_them()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        Task<JsonElement> asked = monitor.Client.ExecuteAsync("stop", Cancel);
        string id = (await monitor.ReadAsync()).GetProperty("id").ToString();
        string events = string.Concat(Enumerable.Range(0, 1000).Select(i => $"{{\"event\":\"E{i}\"}}\n"));
        await monitor.SendAsync(events + $"{{\"return\":{{}},\"id\":{id}}}\n");
        await asked;
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"E{i}"), monitor.Events.Select(e => e.Name));
    }

    [Fact]
    public async Task Errors_carry_class_and_description()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        Task<JsonElement> asked = monitor.Client.ExecuteAsync("eject", Cancel);
        string id = (await monitor.ReadAsync()).GetProperty("id").ToString();
        await monitor.SendAsync($$"""{"error":{"class":"DeviceNotFound","desc":"no such device"},"id":{{id}}}""" + "\n");
        QmpException refused = await Assert.ThrowsAsync<QmpException>(() => asked);
        Assert.Equal(("DeviceNotFound", "no such device", VirtErrorCode.InternalError), (refused.ErrorClass, refused.Description, refused.Code));
    }

    [Theory]
    [InlineData("{\"return\":1,\"id\":999999}\n")]
    [InlineData("{\"return\":1}\n")]
    [InlineData("{\"return\":1,\"id\":\"text\"}\n")]
    [InlineData("{\"error\":{\"class\":1},\"id\":1e300}\n")]
    public async Task Replies_to_what_was_never_asked_are_dropped(string lie)
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        Task<JsonElement> asked = monitor.Client.ExecuteAsync("ask", Cancel);
        string id = (await monitor.ReadAsync()).GetProperty("id").ToString();
        await monitor.SendAsync(lie + $"{{\"return\":5,\"id\":{id}}}\n");
        Assert.Equal(5, (await asked).GetInt32());
    }

    [Theory]
    [InlineData("hello\n")]
    [InlineData("[]\n")]
    [InlineData("{}\n")]
    [InlineData("{\"event\":1}\n")]
    [InlineData("{\"error\":\"x\",\"id\":2}\n")]
    [InlineData("{\"return\":{}}{\"return\":{}}\n")]
    [InlineData("{\"event\":\"\\ud800\"}\n")]
    public async Task What_is_not_the_protocol_ends_the_connection_with_the_reason(string garbage)
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        Task<JsonElement> asked = monitor.Client.ExecuteAsync("ask", Cancel);
        await monitor.SendAsync(garbage);
        VirtException lost = await Assert.ThrowsAsync<VirtException>(() => asked);
        Assert.Equal(VirtErrorCode.OperationFailed, lost.Code);
        Assert.Contains("not its protocol", await monitor.Client.Closed, StringComparison.Ordinal);
        await Assert.ThrowsAsync<VirtException>(() => monitor.Client.ExecuteAsync("again", Cancel));
    }

    [Fact]
    public async Task Nesting_is_bounded()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        await monitor.SendAsync("{\"return\":" + new string('[', 100) + new string(']', 100) + "}\n");
        Assert.Contains("not its protocol", await monitor.Client.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_end_is_bounded()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        byte[] chunk = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
        try
        {
            for (int i = 0; i < 20; i++)
                await monitor.SendAsync(chunk);
        }
        catch (SocketException)
        {
            // The client has hung up, as it should.
        }

        Assert.Contains("longer than", await monitor.Client.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_faults_all_that_wait()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        Task<JsonElement>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => monitor.Client.ExecuteAsync("ask", Cancel))];
        monitor.HangUp();
        foreach (Task<JsonElement> task in waiting)
            Assert.Equal(VirtErrorCode.OperationFailed, (await Assert.ThrowsAsync<VirtException>(() => task)).Code);
    }

    [Fact]
    public async Task A_silent_monitor_is_a_timeout_and_its_late_reply_is_dropped()
    {
        await using var monitor = await FakeMonitor.OpenAsync();
        VirtException late = await Assert.ThrowsAsync<VirtException>(() => monitor.Client.ExecuteAsync("ask", TimeSpan.FromMilliseconds(50), Cancel));
        Assert.Equal(VirtErrorCode.OperationTimeout, late.Code);
        string lateId = (await monitor.ReadAsync()).GetProperty("id").ToString();
        Task<JsonElement> next = monitor.Client.ExecuteAsync("next", Cancel);
        string id = (await monitor.ReadAsync()).GetProperty("id").ToString();
        await monitor.SendAsync($"{{\"return\":1,\"id\":{lateId}}}\n{{\"return\":2,\"id\":{id}}}\n");
        Assert.Equal(2, (await next).GetInt32());
    }

    [Fact]
    public async Task Without_a_greeting_there_is_no_client()
    {
        (Socket near, Socket far) = await FakeMonitor.PairAsync();
        using Socket silent = far;
        VirtException late = await Assert.ThrowsAsync<VirtException>(() => QmpClient.OpenAsync(near, _ => { }, TimeSpan.FromMilliseconds(50), Cancel));
        Assert.Equal(VirtErrorCode.OperationTimeout, late.Code);
    }

    private sealed class FakeMonitor : IAsyncDisposable
    {
        private readonly Socket _far;
        private readonly StreamReader _reader;

        private FakeMonitor(Socket far, QmpClient client, StreamReader reader, List<QmpEvent> events)
        {
            _far = far;
            _reader = reader;
            Client = client;
            Events = events;
        }

        public QmpClient Client { get; }

        public List<QmpEvent> Events { get; }

        public static async Task<(Socket Near, Socket Far)> PairAsync()
        {
            string path = Path.Combine(Path.GetTempPath(), $"virt-qmp-{Guid.NewGuid():N}");
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            var near = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await near.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancel);
            return (near, await listener.AcceptAsync(Cancel));
        }

        public static async Task<FakeMonitor> OpenAsync()
        {
            (Socket near, Socket far) = await PairAsync();
            List<QmpEvent> events = [];
            Task<QmpClient> opening = QmpClient.OpenAsync(near, events.Add, TimeSpan.FromSeconds(30), Cancel);
            await far.SendAsync(Encoding.UTF8.GetBytes(Greeting), Cancel);
            var reader = new StreamReader(new NetworkStream(far));
            using JsonDocument first = JsonDocument.Parse((await reader.ReadLineAsync(Cancel))!);
            Assert.Equal("qmp_capabilities", first.RootElement.GetProperty("execute").GetString());
            await far.SendAsync(Encoding.UTF8.GetBytes($"{{\"return\":{{}},\"id\":{first.RootElement.GetProperty("id")}}}\n"), Cancel);
            return new FakeMonitor(far, await opening, reader, events);
        }

        public async Task<JsonElement> ReadAsync()
        {
            using JsonDocument line = JsonDocument.Parse((await _reader.ReadLineAsync(Cancel))!);
            return line.RootElement.Clone();
        }

        public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

        public async Task SendAsync(byte[] bytes)
        {
            for (int sent = 0; sent < bytes.Length;)
                sent += await _far.SendAsync(bytes.AsMemory(sent), Cancel);
        }

        public void HangUp() => _far.Dispose();

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            _reader.Dispose();
            _far.Dispose();
        }
    }
}
