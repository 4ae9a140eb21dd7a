using System.Net.Sockets;
using System.Text;
using Virt.Daemon.Hosting.Systemd;
using Virt.Errors;

namespace Virt.Tests.Daemon.Systemd;

/// <summary>Making a scope, against a service manager that says what a test wants. The real one is asked by tests/packaging.</summary>
public sealed class SystemdManagerTests : IDisposable
{
    private const string Job = "/org/freedesktop/systemd1/job/7";
    private readonly string _folder = Directory.CreateTempSubdirectory("sd-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public SystemdManagerTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "private")));
        _listener.Listen();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_scope_is_there_when_its_job_is_done()
    {
        Task<byte[]> call = AnswerAsync(Signal("/other/job", "done"), Return(), Signal("/other/job", "failed"), Signal(Job, "done"));
        await MakeScopeAsync();
        string text = Encoding.Latin1.GetString(await call);
        Assert.All(["StartTransientUnit", "virt-1.scope", "machine.slice", "Delegate", "PIDs"], word => Assert.Contains(word, text, StringComparison.Ordinal));
        Assert.Contains("ssa(sv)a(sa(sv))", text, StringComparison.Ordinal);
        // 4711, little-endian.
        Assert.Contains("\u0004\0\0\0g\u0012\0\0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_fails_is_an_error()
    {
        Task<byte[]> call = AnswerAsync(Return(), Signal(Job, "failed"));
        VirtException fault = await Assert.ThrowsAsync<VirtException>(MakeScopeAsync);
        Assert.Equal(VirtErrorCode.SystemError, fault.Code);
        Assert.Contains("'failed'", fault.Message, StringComparison.Ordinal);
        await call;
    }

    [Fact]
    public async Task What_the_manager_refuses_is_said_in_its_words()
    {
        Task<byte[]> call = AnswerAsync(Error("Unit virt-1.scope was already loaded."));
        VirtException fault = await Assert.ThrowsAsync<VirtException>(MakeScopeAsync);
        Assert.Contains("already loaded", fault.Message, StringComparison.Ordinal);
        await call;
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { (byte)'B', 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { (byte)'l', 2, 0, 1, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { (byte)'l', 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 5, 1, (byte)'x', 0, 0, 0, 0, 0 })]
    public async Task Nonsense_is_an_error(byte[] answer)
    {
        Task<byte[]> call = AnswerAsync(answer);
        Assert.Equal(VirtErrorCode.SystemError, (await Assert.ThrowsAsync<VirtException>(MakeScopeAsync)).Code);
        await call;
    }

    private Task MakeScopeAsync() =>
        SystemdManager.MakeScopeAsync("virt-1.scope", "Virtual machine g", "machine.slice", 4711, Cancel, Path.Combine(_folder, "private"));

    // The handshake, one call, the answers, the end.
    private async Task<byte[]> AnswerAsync(params byte[][] answers)
    {
        using Socket peer = await _listener.AcceptAsync(Cancel);
        await using var stream = new NetworkStream(peer);
        Assert.StartsWith("\0AUTH EXTERNAL ", await ReadLineAsync(stream), StringComparison.Ordinal);
        await stream.WriteAsync("OK 0123456789abcdef\r\n"u8.ToArray(), Cancel);
        Assert.Equal("BEGIN\r\n", await ReadLineAsync(stream));
        var header = new byte[DBusMessage.FixedHeader];
        await stream.ReadExactlyAsync(header, Cancel);
        var rest = new byte[DBusMessage.RestLength(header)];
        await stream.ReadExactlyAsync(rest, Cancel);
        foreach (byte[] answer in answers)
            await stream.WriteAsync(answer, Cancel);
        return [.. header, .. rest];
    }

    private static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var next = new byte[1];
        do
        {
            await stream.ReadExactlyAsync(next, Cancel);
            line.Append((char)next[0]);
        }
        while (next[0] != '\n');
        return line.ToString();
    }

    private static byte[] Return() => Message(DBusMessage.MethodReturn, "o", null, body => body.String(Job));

    private static byte[] Error(string text) => Message(DBusMessage.Error, "s", null, body => body.String(text));

    private static byte[] Signal(string job, string result) => Message(DBusMessage.Signal, "uoss", "JobRemoved", body =>
    {
        body.UInt32(7);
        body.String(job);
        body.String("virt-1.scope");
        body.String(result);
    });

    private static byte[] Message(byte type, string signature, string? member, Action<DBusWriter> write)
    {
        const byte MemberField = 3, ReplyField = 5, SignatureField = 8;
        var body = new DBusWriter();
        write(body);
        var message = new DBusWriter();
        message.Bytes([(byte)'l', type, 0, 1]);
        message.UInt32((uint)body.Written.Length);
        message.UInt32(99);
        message.Array(8, () =>
        {
            if (member is null)
                Field(message, ReplyField, "u", () => message.UInt32(1));
            else
                Field(message, MemberField, "s", () => message.String(member));
            Field(message, SignatureField, "g", () => message.Signature(signature));
        });
        message.Align(8);
        message.Bytes(body.Written);
        return message.Written.ToArray();
    }

    private static void Field(DBusWriter message, byte code, string signature, Action value)
    {
        message.Align(8);
        message.Byte(code);
        message.Signature(signature);
        value();
    }
}
