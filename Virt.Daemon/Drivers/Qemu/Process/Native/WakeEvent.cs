using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Process.Native;

/// <summary>An eventfd(2) that one thread sets to end another one's wait.</summary>
internal sealed partial class WakeEvent : SafeHandleMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000;

    private WakeEvent(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>Makes one that is not set.</summary>
    public static WakeEvent Create()
    {
        int fd = EventFd(0, CloseOnExec);
        return fd >= 0 ? new WakeEvent(fd) : throw LibC.LastError("eventfd");
    }

    /// <summary>Sets it: it is readable from now on.</summary>
    public unsafe void Set()
    {
        ulong one = 1;
        _ = Write(this, (byte*)&one, sizeof(ulong));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport(LibC.Name, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(WakeEvent fd, byte* data, nint count);

    [LibraryImport(LibC.Name, EntryPoint = "close")]
    private static partial int Close(int fd);
}
