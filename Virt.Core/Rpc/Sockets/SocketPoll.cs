using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Virt.Rpc.Sockets;

/// <summary>
/// The threads that wait for what peers send (epoll(7)), and that handle it themselves: the framework's sockets wake one thread that
/// waits and then another one of the pool, and that second change of threads takes as long as the rest of a call. All threads wait
/// at one epoll descriptor, and the kernel wakes one for each event. The last one that is free hands its event to the pool and waits
/// on, so what is slow holds up nobody else.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class SocketPoll
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Modify = 3;
    private const uint In = 0x1;
    private const uint PeerClosed = 0x2000;
    private const uint OneShot = 1u << 30;
    private const int Interrupted = 4;

    // struct epoll_event is packed on x86-64 only: 32 bits of events, 64 of data.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    // By number, as a pointer could be that of a stream that has been closed since.
    private readonly Dictionary<int, PolledSocketStream> _streams = [];
    private readonly Lock _gate = new();
    private readonly int _descriptor;
    private int _lastKey;
    private int _free;

    private SocketPoll(int threads)
    {
        _descriptor = Create(CloseOnExec);
        if (_descriptor < 0)
            throw Failure();
        _free = threads;
        for (int i = 0; i < threads; i++)
            new Thread(Wait) { IsBackground = true, Name = "Virt sockets" }.Start();
    }

    /// <summary>That of this process.</summary>
    public static SocketPoll Shared { get; } = new(Math.Max(4, 2 * Environment.ProcessorCount));

    /// <summary>Takes a stream in; it hears of nothing before <see cref="Arm"/>.</summary>
    /// <returns>The key that stands for it.</returns>
    /// <exception cref="Win32Exception">The kernel refuses.</exception>
    public int Register(PolledSocketStream stream, SafeHandle socket)
    {
        int key;
        lock (_gate)
        {
            do
                key = unchecked(++_lastKey);
            while (!_streams.TryAdd(key, stream));
        }

        if (Control(Add, socket, OneShot, key) == 0)
            return key;
        Win32Exception failure = Failure();
        Remove(key);
        throw failure;
    }

    /// <summary>Calls the stream's <see cref="PolledSocketStream.Execute"/> once, when there is something to read or the peer is gone.</summary>
    /// <exception cref="Win32Exception">The kernel refuses.</exception>
    public void Arm(SafeHandle socket, int key)
    {
        if (Control(Modify, socket, In | PeerClosed | OneShot, key) != 0)
            throw Failure();
    }

    /// <summary>Forgets a stream. The kernel forgets the socket when it is closed.</summary>
    public void Remove(int key)
    {
        lock (_gate)
            _streams.Remove(key);
    }

    private static Win32Exception Failure() => new(Marshal.GetLastPInvokeError());

    private void Wait()
    {
        Span<byte> happened = stackalloc byte[16];
        for (;;)
        {
            int count = WaitFor(_descriptor, ref MemoryMarshal.GetReference(happened), 1, -1);
            if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted)
                Environment.FailFast("waiting for sockets failed", Failure());
            if (count != 1 || Find(BitConverter.ToInt32(happened[DataOffset..])) is not { } stream)
                continue;
            if (Interlocked.Decrement(ref _free) == 0)
                ThreadPool.UnsafeQueueUserWorkItem(stream, preferLocal: false);
            else
                stream.Execute();
            Interlocked.Increment(ref _free);
        }
    }

    private PolledSocketStream? Find(int key)
    {
        lock (_gate)
            return _streams.GetValueOrDefault(key);
    }

    private int Control(int operation, SafeHandle socket, uint events, int key)
    {
        Span<byte> wanted = stackalloc byte[16];
        BitConverter.TryWriteBytes(wanted, events);
        BitConverter.TryWriteBytes(wanted[DataOffset..], key);
        return Control(_descriptor, operation, socket, ref MemoryMarshal.GetReference(wanted));
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int poll, int operation, SafeHandle socket, ref byte wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int WaitFor(int poll, ref byte happened, int most, int milliseconds);
}
