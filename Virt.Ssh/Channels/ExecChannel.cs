using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Messages;
using Renci.SshNet.Messages.Connection;

namespace Virt.Ssh.Channels;

/// <summary>
/// A command at the far side: its standard input, output and error over one channel of a session (RFC 4254, 5 and 6). The far side
/// may send as much as its window allows, and the window is filled again by reading only, so what is not read costs
/// <see cref="Window"/> bytes at most.
/// </summary>
internal sealed class ExecChannel
{
    /// <summary>What may be on its way to us and unread.</summary>
    public const uint Window = 2 << 20;

    /// <summary>The most data in a packet for us; SSH.NET takes a little more.</summary>
    private const uint Packet = 64 << 10;

    /// <summary>It is the only channel of its session.</summary>
    private const uint Number = 0;

    private readonly Session _session;
    private readonly ReceiveBuffer _received = new();
    private readonly SendWindow _window = new();
    private readonly ErrorText _error = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _remote;
    private int _packet;
    private uint _taken;

    private ExecChannel(Session session)
    {
        _session = session;
        session.ChannelOpenConfirmationReceived += OnOpened;
        session.ChannelOpenFailureReceived += OnRefused;
        session.ChannelFailureReceived += OnFailure;
        session.ChannelWindowAdjustReceived += OnWindow;
        session.ChannelDataReceived += OnData;
        session.ChannelExtendedDataReceived += OnErrorData;
        session.ChannelRequestReceived += OnRequest;
        session.ChannelEofReceived += OnEof;
        session.ChannelCloseReceived += OnClose;
        session.ErrorOccured += OnError;
        session.Disconnected += OnDisconnected;
    }

    /// <summary>Completes when the far side has closed the channel, or the connection has ended.</summary>
    public Task Closed => _closed.Task;

    /// <summary>How many bytes of the standard output have come and are not read.</summary>
    public long Unread => _received.Unread;

    /// <summary>The command's exit status; null when none has come.</summary>
    public int? ExitStatus { get; private set; }

    /// <summary>The last of its standard error.</summary>
    public string Error => _error.Text;

    /// <summary>Opens a channel and has a command run; what comes of that is learnt by reading.</summary>
    /// <exception cref="IOException">The far side opens no channel, or the connection has ended.</exception>
    public static async Task<ExecChannel> OpenAsync(Session session, string command, CancellationToken cancel)
    {
        SessionAccess.Widen(session);
        ExecChannel channel = new(session);
        channel.Send(new ChannelOpenMessage(Number, Window, Packet, new SessionChannelInfo()));
        await channel._opened.Task.WaitAsync(cancel).ConfigureAwait(false);
        channel.Send(new ChannelRequestMessage(channel._remote, new ExecRequest(command)));
        return channel;
    }

    /// <summary>Reads the standard output; 0 at its end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> room, CancellationToken cancel)
    {
        int count = await _received.ReadAsync(room, cancel).ConfigureAwait(false);
        GiveBack((uint)count);
        return count;
    }

    /// <summary>Writes to the standard input.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty)
        {
            int count = await _window.TakeAsync(Math.Min(bytes.Length, _packet), cancel).ConfigureAwait(false);
            SendData(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    /// <summary>Ends waiting and reading at once, with an error. The far side hears nothing of it.</summary>
    public void Abandon(Exception error)
    {
        _opened.TrySetException(error);
        _received.End(error);
        _window.End(error);
        _closed.TrySetResult();
    }

    private void SendData(ReadOnlyMemory<byte> bytes)
    {
        if (MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment))
        {
            Send(new ChannelDataMessage(_remote, segment.Array, segment.Offset, segment.Count));
            return;
        }

        byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            bytes.CopyTo(copy);
            Send(new ChannelDataMessage(_remote, copy, 0, bytes.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <summary>Fills the far side's window by what has been read, in large steps.</summary>
    private void GiveBack(uint bytes)
    {
        uint given;
        lock (_gate)
        {
            _taken += bytes;
            if (_taken < Window / 8)
                return;
            (given, _taken) = (_taken, 0);
        }

        try
        {
            Send(new ChannelWindowAdjustMessage(_remote, given));
        }
        catch (IOException)
        {
            // The end is found by reading on.
        }
    }

    private void Send(Message message)
    {
        try
        {
            SessionAccess.Send(_session, message);
        }
        catch (Exception e) when (e is not IOException)
        {
            // A session that is closed meanwhile fails in many ways.
            throw new IOException($"the ssh connection has ended: {e.Message}", e);
        }
    }

    private void OnOpened(object? sender, MessageEventArgs<ChannelOpenConfirmationMessage> e)
    {
        if (e.Message.LocalChannelNumber != Number)
            return;
        _remote = e.Message.RemoteChannelNumber;
        _packet = (int)Math.Clamp(e.Message.MaximumPacketSize, 1, Packet);
        _window.Add(e.Message.InitialWindowSize);
        _opened.TrySetResult();
    }

    private void OnRefused(object? sender, MessageEventArgs<ChannelOpenFailureMessage> e) =>
        Abandon(new IOException($"the ssh server opens no session: {e.Message.Description}"));

    private void OnFailure(object? sender, MessageEventArgs<ChannelFailureMessage> e) =>
        Abandon(new IOException("the ssh server runs no command for this user"));

    private void OnWindow(object? sender, MessageEventArgs<ChannelWindowAdjustMessage> e) => _window.Add(e.Message.BytesToAdd);

    private void OnData(object? sender, MessageEventArgs<ChannelDataMessage> e)
    {
        if (_received.Unread + e.Message.Size <= Window)
            _received.Add(e.Message.Data.AsSpan(e.Message.Offset, e.Message.Size));
        else
            Abandon(new IOException("the ssh server sends more than its window allows"));
    }

    private void OnErrorData(object? sender, MessageEventArgs<ChannelExtendedDataMessage> e)
    {
        _error.Add(e.Message.Data);
        GiveBack((uint)e.Message.Data.Length);
    }

    private void OnRequest(object? sender, MessageEventArgs<ChannelRequestMessage> e)
    {
        // A byte whether an answer is wanted, and the request's own data.
        ReadOnlySpan<byte> data = e.Message.RequestData;
        if (e.Message.RequestName == "exit-status" && data.Length >= 1 + sizeof(uint))
            ExitStatus = (int)BinaryPrimitives.ReadUInt32BigEndian(data[1..]);
        else if (data is [not 0, ..])
            Send(new ChannelFailureMessage(_remote));
    }

    private void OnEof(object? sender, MessageEventArgs<ChannelEofMessage> e) => _received.End(null);

    private void OnClose(object? sender, MessageEventArgs<ChannelCloseMessage> e)
    {
        _received.End(null);
        _window.End(new IOException("the far side has closed the channel"));
        _closed.TrySetResult();
    }

    private void OnError(object? sender, ExceptionEventArgs e) =>
        Abandon(new IOException($"the ssh connection has ended: {e.Exception.Message}", e.Exception));

    private void OnDisconnected(object? sender, EventArgs e) => Abandon(new IOException("the ssh server has ended the connection"));
}
