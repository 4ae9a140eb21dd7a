using Virt.Native;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Native;

/// <summary>
/// Unix sockets as the framework does not offer them: one that listens and whose file stays when our descriptor is closed, and a
/// message that carries a descriptor (unix(7)).
/// </summary>
internal static unsafe partial class UnixSockets
{
    private const int Unix = 1;
    private const int Stream = 1;
    private const int CloseOnExec = 0x80000;
    private const int PathSize = 108;
    private const int SolSocket = 1;
    private const int ScmRights = 1;
    private const int NoSignal = 0x4000;
    private const int DoNotWait = 0x40;

    /// <summary>Makes, binds and listens.</summary>
    public static SafeFileHandle Listen(string path, int backlog)
    {
        int fd = OpenSocket(Unix, Stream | CloseOnExec, 0);
        if (fd < 0)
            throw LibC.LastError("a unix socket cannot be made");
        var socket = new SafeFileHandle(fd, ownsHandle: true);
        byte* address = stackalloc byte[2 + PathSize];
        new Span<byte>(address, 2 + PathSize).Clear();
        *(short*)address = Unix;
        Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, PathSize - 1));
        if (Bind(socket, address, 2 + PathSize) == 0 && ListenOn(socket, backlog) == 0)
            return socket;
        int error = Marshal.GetLastPInvokeError();
        socket.Dispose();
        throw LibC.Error(error, $"cannot listen on '{path}'");
    }

    /// <summary>Sends data together with a descriptor, without waiting: a peer that does not read is an error.</summary>
    public static void SendDescriptor(SafeHandle socket, ReadOnlySpan<byte> data, SafeHandle descriptor)
    {
        bool held = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            byte* control = stackalloc byte[24];
            *(nint*)control = 20;
            *(int*)(control + 8) = SolSocket;
            *(int*)(control + 12) = ScmRights;
            *(int*)(control + 16) = (int)descriptor.DangerousGetHandle();
            fixed (byte* bytes = data)
            {
                var vector = new IoVector { Base = bytes, Length = data.Length };
                var message = new Message { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 24 };
                if (SendMessage(socket, &message, NoSignal | DoNotWait) != data.Length)
                    throw LibC.LastError("a descriptor cannot be passed");
            }
        }
        finally
        {
            if (held)
                descriptor.DangerousRelease();
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport(LibC.Name, EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(SafeHandle socket, byte* address, uint length);

    [LibraryImport(LibC.Name, EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenOn(SafeHandle socket, int backlog);

    [LibraryImport(LibC.Name, EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Base;
        public nint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nint VectorCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }
}
