using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Virt.Daemon.Rpc;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Systemd;

/// <summary>
/// A connection to the service manager itself: D-Bus on its private socket, which root may use and which needs no message bus.
/// Interface: org.freedesktop.systemd1(5).
/// </summary>
internal sealed class SystemdManager : IDisposable
{
    private const string PrivateSocket = "/run/systemd/private";
    private const string ManagerPath = "/org/freedesktop/systemd1";
    private const string ManagerName = "org.freedesktop.systemd1.Manager";
    private const int LongestLine = 512;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private uint _serial;

    private SystemdManager()
    {
    }

    /// <summary>Whether this process is a service of a systemd that can be talked to.</summary>
    public static bool RunsUs { get; } = File.Exists(PrivateSocket) && Environment.IsPrivilegedProcess
        && File.ReadLines("/proc/self/cgroup").Any(line => line.EndsWith(".service", StringComparison.Ordinal));

    /// <summary>Makes a scope, a unit around a process that runs already, and waits until the process is in it.</summary>
    /// <param name="name">Its name, with the suffix <c>.scope</c>.</param>
    /// <param name="description">What it is, for people.</param>
    /// <param name="slice">The slice it is accounted to.</param>
    /// <param name="process">The process to put into it.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <param name="manager">The manager's socket.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>: systemd refuses or does not answer.</exception>
    public static async Task MakeScopeAsync(string name, string description, string slice, int process, CancellationToken cancel, string manager = PrivateSocket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            using var connection = new SystemdManager();
            await connection.OpenAsync(manager, limit.Token).ConfigureAwait(false);
            await connection.StartScopeAsync(name, description, slice, process, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is SocketException or IOException or InvalidDataException)
        {
            throw Fault(name, failed.Message, failed);
        }
        catch (OperationCanceledException late) when (!cancel.IsCancellationRequested)
        {
            throw Fault(name, $"systemd did not answer within {Patience.TotalSeconds} s", late);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static VirtException Fault(string unit, string message, Exception? inner = null) => new(
        VirtErrorCode.SystemError, $"systemd could not make the unit {unit}: {message}", unit, "See journalctl of the host.", inner);

    // The handshake of D-Bus: we are who the kernel says we are.
    private async Task OpenAsync(string manager, CancellationToken cancel)
    {
        await _socket.ConnectAsync(new UnixDomainSocketEndPoint(manager), cancel).ConfigureAwait(false);
        string user = Convert.ToHexString(Encoding.ASCII.GetBytes(UnixCredentials.OwnUserId.ToString(CultureInfo.InvariantCulture)));
        await SendAsync(Encoding.ASCII.GetBytes($"\0AUTH EXTERNAL {user}\r\n"), cancel).ConfigureAwait(false);
        var line = new List<byte>();
        var next = new byte[1];
        while (line is not [.., (byte)'\n'])
        {
            await ReadAsync(next, cancel).ConfigureAwait(false);
            line.Add(next[0]);
            if (line.Count > LongestLine)
                throw new InvalidDataException("the handshake is too long");
        }

        string answer = Encoding.ASCII.GetString([.. line]).Trim();
        if (!answer.StartsWith("OK ", StringComparison.Ordinal))
            throw new InvalidDataException($"it refused the connection: {answer}");
        await SendAsync("BEGIN\r\n"u8.ToArray(), cancel).ConfigureAwait(false);
    }

    private async Task StartScopeAsync(string name, string description, string slice, int process, CancellationToken cancel)
    {
        var body = new DBusWriter();
        body.String(name);
        body.String("fail");
        body.Array(8, () =>
        {
            body.Property("Description", "s", () => body.String(description));
            body.Property("Slice", "s", () => body.String(slice));
            body.Property("Delegate", "b", () => body.UInt32(1));
            body.Property("CollectMode", "s", () => body.String("inactive-or-failed"));
            body.Property("PIDs", "au", () => body.Array(sizeof(uint), () => body.UInt32((uint)process)));
        });
        body.Array(8, static () => { });
        await SendAsync(Call("StartTransientUnit", "ssa(sv)a(sa(sv))", body), cancel).ConfigureAwait(false);

        // The answer names the job; a signal tells of its end.
        string? job = null;
        while (true)
        {
            DBusMessage message = await ReadMessageAsync(cancel).ConfigureAwait(false);
            if (message.Type == DBusMessage.Error && message.ReplyTo == _serial)
                throw Fault(name, message.Signature.StartsWith('s') ? message.ReadString() : message.ErrorName ?? "error");
            if (message.Type == DBusMessage.MethodReturn && message.ReplyTo == _serial)
                job = message.ReadString();
            if (message is not { Type: DBusMessage.Signal, Member: "JobRemoved", Signature: "uoss" } || job is null)
                continue;
            _ = message.ReadUInt32();
            if (message.ReadString() != job)
                continue;
            _ = message.ReadString();
            if (message.ReadString() is not "done" and var result)
                throw Fault(name, $"its job ended with '{result}'");
            return;
        }
    }

    private byte[] Call(string member, string signature, DBusWriter body)
    {
        const byte Path = 1, Interface = 2, Member = 3, Signature = 8, ProtocolVersion = 1, NoFlags = 0;
        var message = new DBusWriter();
        message.Bytes([(byte)'l', DBusMessage.MethodCall, NoFlags, ProtocolVersion]);
        message.UInt32((uint)body.Written.Length);
        message.UInt32(++_serial);
        message.Array(8, () =>
        {
            Field(message, Path, "o", () => message.String(ManagerPath));
            Field(message, Interface, "s", () => message.String(ManagerName));
            Field(message, Member, "s", () => message.String(member));
            Field(message, Signature, "g", () => message.Signature(signature));
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

    private async Task<DBusMessage> ReadMessageAsync(CancellationToken cancel)
    {
        var header = new byte[DBusMessage.FixedHeader];
        await ReadAsync(header, cancel).ConfigureAwait(false);
        var message = new byte[header.Length + DBusMessage.RestLength(header)];
        header.CopyTo(message, 0);
        await ReadAsync(message.AsMemory(header.Length), cancel).ConfigureAwait(false);
        return DBusMessage.Parse(message);
    }

    private async Task ReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        while (!buffer.IsEmpty)
        {
            int count = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancel).ConfigureAwait(false);
            if (count == 0)
                throw new EndOfStreamException("it closed the connection");
            buffer = buffer[count..];
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancel).ConfigureAwait(false)..];
    }
}
