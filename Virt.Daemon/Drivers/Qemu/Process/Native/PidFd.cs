using Virt.Native;
using Virt.Daemon.Native;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Drivers.Qemu.Process.Native;

/// <summary>
/// A descriptor of a process (pidfd_open(2)): signals through it reach that process or none, however pids are reused, and it
/// becomes readable when the process ends.
/// </summary>
internal sealed partial class PidFd : SafeHandleMinusOneIsInvalid
{
    private const int SysPidFdSendSignal = 424;
    private const int SysPidFdOpen = 434;
    private const int IdTypePid = 1;
    private const int IdTypePidFd = 3;
    private const int SignalKill = 9;
    private const int WaitExited = 4;
    private const int WaitNoHang = 1;
    private const int NoSuchProcess = 3;
    private const int SignalInfoSize = 128;
    private const int CodeOffset = 8;
    private const int StatusOffset = 24;
    private const int CodeExited = 1;

    private PidFd(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>Opens the descriptor; null when there is no such process.</summary>
    public static PidFd? TryOpen(int pid)
    {
        int fd = (int)Syscall(SysPidFdOpen, pid, 0, 0, 0);
        if (fd >= 0)
            return new PidFd(fd);
        return Marshal.GetLastPInvokeError() == NoSuchProcess ? null : throw LibC.LastError($"process {pid} cannot be opened (pidfd_open)");
    }

    /// <summary>Ends a child of ours that no descriptor could be had of, and takes it from the process table.</summary>
    public static unsafe void KillChild(int pid)
    {
        byte* info = stackalloc byte[SignalInfoSize];
        _ = Kill(pid, SignalKill);
        _ = WaitId(IdTypePid, pid, info, WaitExited);
    }

    /// <summary>Sends a signal; false when the process has ended.</summary>
    public bool Signal(int signal)
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            if (Syscall(SysPidFdSendSignal, handle, signal, 0, 0) == 0)
                return true;
        }
        finally
        {
            if (held)
                DangerousRelease();
        }

        return Marshal.GetLastPInvokeError() == NoSuchProcess ? false : throw LibC.LastError($"signal {signal} cannot be sent");
    }

    /// <summary>Takes the ended process from the process table; how it ended is known only of our own children.</summary>
    public unsafe ProcessExit Reap()
    {
        byte* info = stackalloc byte[SignalInfoSize];
        new Span<byte>(info, SignalInfoSize).Clear();
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            if (WaitId(IdTypePidFd, (int)handle, info, WaitExited | WaitNoHang) != 0 || *(int*)info == 0)
                return ProcessExit.Unknown;
        }
        finally
        {
            if (held)
                DangerousRelease();
        }

        int status = *(int*)(info + StatusOffset);
        return *(int*)(info + CodeOffset) == CodeExited ? new ProcessExit(status, null) : new ProcessExit(null, status);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport(LibC.Name, EntryPoint = "waitid", SetLastError = true)]
    private static unsafe partial int WaitId(int idType, int id, byte* info, int options);

    [LibraryImport(LibC.Name, EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport(LibC.Name, EntryPoint = "close")]
    private static partial int Close(int fd);
}
