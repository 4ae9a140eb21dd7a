using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Virt.Native;

/// <summary>What is waited for at a descriptor, as epoll_ctl(2) has it.</summary>
[Flags]
internal enum EpollInterest : uint
{
    None = 0,
    Readable = 0x1,
    PeerClosed = 0x2000,
    OneShot = 1u << 30,
}

/// <summary>An epoll(7) set: threads wait for descriptors that are known by keys.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class Epoll : SafeHandleMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000;
    private const int AddEntry = 1;
    private const int DeleteEntry = 2;
    private const int ModifyEntry = 3;
    private const int Interrupted = 4;
    private const int Batch = 64;

    // struct epoll_event is packed on x86-64 alone: 32 bits of events, 64 of data.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + sizeof(long);

    private Epoll(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>Makes a set.</summary>
    public static Epoll Create()
    {
        int fd = EpollCreate(CloseOnExec);
        return fd >= 0 ? new Epoll(fd) : throw LibC.LastError("epoll_create1");
    }

    /// <summary>Takes a descriptor in. The kernel takes it out when it is closed.</summary>
    public void Add(SafeHandle descriptor, long key, EpollInterest interest) => Control(AddEntry, descriptor, key, interest);

    /// <summary>Changes what is waited for, which arms a <see cref="EpollInterest.OneShot"/> again.</summary>
    public void Modify(SafeHandle descriptor, long key, EpollInterest interest) => Control(ModifyEntry, descriptor, key, interest);

    /// <summary>Takes a descriptor out.</summary>
    public void Remove(SafeHandle descriptor) => Control(DeleteEntry, descriptor, 0, EpollInterest.None);

    /// <summary>Blocks until something happens at a descriptor.</summary>
    /// <param name="keys">Takes the keys; at most 64 are written.</param>
    /// <returns>How many keys there are.</returns>
    public unsafe int Wait(Span<long> keys)
    {
        int most = Math.Min(keys.Length, Batch);
        byte* events = stackalloc byte[EventSize * most];
        int count;
        while ((count = EpollWait(this, events, most, -1)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw LibC.LastError("epoll_wait");
        }

        for (int i = 0; i < count; i++)
            keys[i] = BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(events + (i * EventSize) + DataOffset, sizeof(long)));
        return count;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    private unsafe void Control(int operation, SafeHandle descriptor, long key, EpollInterest interest)
    {
        byte* entry = stackalloc byte[EventSize];
        *(uint*)entry = (uint)interest;
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(entry + DataOffset, sizeof(long)), key);
        if (EpollControl(this, operation, descriptor, entry) != 0)
            throw LibC.LastError("epoll_ctl");
    }

    [LibraryImport(LibC.Name, EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport(LibC.Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int EpollControl(Epoll epoll, int operation, SafeHandle fd, byte* entry);

    [LibraryImport(LibC.Name, EntryPoint = "epoll_wait", SetLastError = true)]
    private static unsafe partial int EpollWait(Epoll epoll, byte* events, int maximum, int timeout);

    [LibraryImport(LibC.Name, EntryPoint = "close")]
    private static partial int Close(int fd);
}
