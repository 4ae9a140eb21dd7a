using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Threading.Tasks.Sources;

namespace Virt.Rpc.Sockets;

/// <summary>
/// A connected socket whose reads complete on the threads of <see cref="SocketPoll"/>, where whoever awaits them goes on. Writes are the
/// framework's. One read at a time, and none that blocks.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class PolledSocketStream : NetworkStream, IValueTaskSource<int>, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly long _key;
    private ManualResetValueTaskSourceCore<int> _read;
    private CancellationTokenRegistration _cancel;
    private Memory<byte> _room;
    private bool _reading;
    private bool _disposed;

    /// <summary>Takes a connected socket over.</summary>
    public PolledSocketStream(Socket socket)
        : base(socket, ownsSocket: true)
    {
        socket.Blocking = false;
        _key = SocketPoll.Shared.Register(this, socket.SafeHandle);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        short version;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_reading)
                throw new InvalidOperationException("another read is under way");
            if (buffer.Length > 0 && TryReceive(buffer.Span, out int count, out IOException? failure))
                return failure is null ? new(count) : ValueTask.FromException<int>(failure);
            _read.Reset();
            _read.RunContinuationsAsynchronously = false;
            version = _read.Version;
            _room = buffer;
            _reading = true;
            SocketPoll.Shared.Arm(Socket.SafeHandle, _key);
        }

        if (cancellationToken.CanBeCanceled)
            Watch(version, cancellationToken);
        return new(this, version);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>There is something to read, or the peer is gone: completes the read.</summary>
    public void Execute()
    {
        int count = 0;
        IOException? failure = null;
        lock (_gate)
        {
            if (!_reading)
                return;
            if (_room.Length > 0 && !TryReceive(_room.Span, out count, out failure))
            {
                SocketPoll.Shared.Arm(Socket.SafeHandle, _key);
                return;
            }

            EndRead();
        }

        if (failure is null)
            _read.SetResult(count);
        else
            _read.SetException(failure);
    }

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        bool reading;
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            reading = _reading;
            EndRead();
        }

        SocketPoll.Shared.Remove(_key);
        base.Dispose(disposing);
        if (reading)
            Fail(new ObjectDisposedException(nameof(PolledSocketStream)));
    }

    private void Watch(short version, CancellationToken cancel)
    {
        CancellationTokenRegistration registration = cancel.UnsafeRegister(
            static (state, token) =>
            {
                (PolledSocketStream stream, short read) = ((PolledSocketStream, short))state!;
                stream.GiveUp(read, token);
            },
            (this, version));
        lock (_gate)
        {
            if (_reading && _read.Version == version)
            {
                _cancel = registration;
                return;
            }
        }

        registration.Unregister();
    }

    private void GiveUp(short version, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (!_reading || _read.Version != version)
                return;
            EndRead();
        }

        Fail(new OperationCanceledException(cancel));
    }

    /// <summary>Whoever completes the read has ended it first, under the lock.</summary>
    private void EndRead()
    {
        _reading = false;
        _room = default;
        _cancel.Unregister();
        _cancel = default;
    }

    /// <summary>Completes a read that was ended; the reader goes on elsewhere.</summary>
    private void Fail(Exception failure)
    {
        _read.RunContinuationsAsynchronously = true;
        _read.SetException(failure);
    }

    /// <summary>Reads what is there; false when nothing is, and the peer is not gone.</summary>
    private bool TryReceive(Span<byte> room, out int count, out IOException? failure)
    {
        failure = null;
        count = Socket.Receive(room, SocketFlags.None, out SocketError error);
        if (error is SocketError.WouldBlock or SocketError.Interrupted)
            return false;
        if (error != SocketError.Success)
        {
            var cause = new SocketException((int)error);
            failure = new IOException(cause.Message, cause);
        }

        return true;
    }
}
