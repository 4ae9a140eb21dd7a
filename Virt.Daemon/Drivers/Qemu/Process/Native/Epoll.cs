using Virt.Native;
using Virt.Daemon.Native;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Drivers.Qemu.Process.Native;

/// <summary>An epoll(7) set whose waiter can be woken from another thread.</summary>
internal sealed partial class Epoll : SafeHandleMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Delete = 2;
    private const uint Readable = 1;
    private const int Interrupted = 4;
    private const int Batch = 64;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly SafeFileHandle _wake;

    private Epoll(int fd, SafeFileHandle wake)
        : base(ownsHandle: true)
    {
        SetHandle(fd);
        _wake = wake;
    }

    /// <summary>The key that <see cref="Wait"/> returns when it was woken.</summary>
    public static long WakeKey => -1;

    /// <summary>Makes a set.</summary>
    public static Epoll Create()
    {
        int wake = EventFd(0, CloseOnExec);
        if (wake < 0)
            throw LibC.LastError("eventfd");
        int fd = EpollCreate(CloseOnExec);
        if (fd < 0)
            throw LibC.LastError("epoll_create1");
        var epoll = new Epoll(fd, new SafeFileHandle(wake, ownsHandle: true));
        epoll.Watch(epoll._wake, WakeKey);
        return epoll;
    }

    /// <summary>Waits for a descriptor to become readable; <see cref="Wait"/> then returns its key until it is forgotten.</summary>
    public void Watch(SafeHandle descriptor, long key) => Control(Add, descriptor, key);

    /// <summary>Takes a descriptor out of the set.</summary>
    public void Forget(SafeHandle descriptor) => Control(Delete, descriptor, 0);

    /// <summary>Ends the wait of another thread.</summary>
    public unsafe void Wake()
    {
        ulong one = 1;
        _ = Write(_wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Blocks until something is readable and returns the keys.</summary>
    public unsafe IReadOnlyList<long> Wait()
    {
        byte* events = stackalloc byte[EventSize * Batch];
        int count;
        while ((count = EpollWait(this, events, Batch, -1)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw LibC.LastError("epoll_wait");
        }

        var keys = new long[count];
        for (int i = 0; i < count; i++)
            keys[i] = BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(events + (i * EventSize) + DataOffset, 8));
        return keys;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _wake.Dispose();
        return Close((int)handle) == 0;
    }

    private unsafe void Control(int operation, SafeHandle descriptor, long key)
    {
        byte* entry = stackalloc byte[EventSize];
        *(uint*)entry = Readable;
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(entry + DataOffset, 8), key);
        if (EpollControl(this, operation, descriptor, entry) != 0)
            throw LibC.LastError("epoll_ctl");
    }

    [LibraryImport(LibC.Name, EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport(LibC.Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int EpollControl(Epoll epoll, int operation, SafeHandle fd, byte* entry);

    [LibraryImport(LibC.Name, EntryPoint = "epoll_wait", SetLastError = true)]
    private static unsafe partial int EpollWait(Epoll epoll, byte* events, int maximum, int timeout);

    [LibraryImport(LibC.Name, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(SafeFileHandle fd, byte* data, nint count);

    [LibraryImport(LibC.Name, EntryPoint = "close")]
    private static partial int Close(int fd);
}
