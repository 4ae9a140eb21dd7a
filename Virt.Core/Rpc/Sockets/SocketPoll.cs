using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Virt.Errors;
using Virt.Native;

namespace Virt.Rpc.Sockets;

/// <summary>
/// The threads that wait for what peers send (epoll(7)), and that handle it themselves: the framework's sockets wake one thread that
/// waits and then another one of the pool, and that second change of threads takes as long as the rest of a call. All threads wait
/// at one epoll descriptor, and the kernel wakes one for each event. The last one that is free hands its event to the pool and waits
/// on, so what is slow holds up nobody else.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SocketPoll
{
    private const EpollInterest Silent = EpollInterest.OneShot;
    private const EpollInterest Once = EpollInterest.Readable | EpollInterest.PeerClosed | EpollInterest.OneShot;

    // By number, as a pointer could be that of a stream that has been closed since.
    private readonly Dictionary<long, PolledSocketStream> _streams = [];
    private readonly Lock _gate = new();
    private readonly Epoll _epoll = Epoll.Create();
    private long _lastKey;
    private int _free;

    private SocketPoll(int threads)
    {
        _free = threads;
        for (int i = 0; i < threads; i++)
            new Thread(Wait) { IsBackground = true, Name = "Virt sockets" }.Start();
    }

    /// <summary>That of this process.</summary>
    public static SocketPoll Shared { get; } = new(Math.Max(4, 2 * Environment.ProcessorCount));

    /// <summary>Takes a stream in; it hears of nothing before <see cref="Arm"/>.</summary>
    /// <returns>The key that stands for it.</returns>
    /// <exception cref="VirtException">The kernel refuses.</exception>
    public long Register(PolledSocketStream stream, SafeHandle socket)
    {
        long key = Interlocked.Increment(ref _lastKey);
        lock (_gate)
            _streams.Add(key, stream);
        try
        {
            _epoll.Add(socket, key, Silent);
            return key;
        }
        catch (VirtException)
        {
            Remove(key);
            throw;
        }
    }

    /// <summary>Calls the stream's <see cref="PolledSocketStream.Execute"/> once, when there is something to read or the peer is gone.</summary>
    /// <exception cref="VirtException">The kernel refuses.</exception>
    public void Arm(SafeHandle socket, long key) => _epoll.Modify(socket, key, Once);

    /// <summary>Forgets a stream. The kernel forgets the socket when it is closed.</summary>
    public void Remove(long key)
    {
        lock (_gate)
            _streams.Remove(key);
    }

    private void Wait()
    {
        Span<long> key = stackalloc long[1];
        for (;;)
        {
            try
            {
                _ = _epoll.Wait(key);
            }
            catch (VirtException failure)
            {
                Environment.FailFast("waiting for sockets failed", failure);
            }

            if (Find(key[0]) is not { } stream)
                continue;
            if (Interlocked.Decrement(ref _free) == 0)
                ThreadPool.UnsafeQueueUserWorkItem(stream, preferLocal: false);
            else
                stream.Execute();
            Interlocked.Increment(ref _free);
        }
    }

    private PolledSocketStream? Find(long key)
    {
        lock (_gate)
            return _streams.GetValueOrDefault(key);
    }
}
