using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Virt.Native;

namespace Virt.Remote.Transports.Processes;

/// <summary>Two connected sockets without a name (socketpair(2)): one for us, one for a child.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class SocketPair
{
    private const int Unix = 1;
    private const int StreamCloseOnExec = 0x1 | 0x80000;

    public static (Socket Ours, SafeFileHandle Theirs) Create()
    {
        int* descriptors = stackalloc int[2];
        if (CreatePair(Unix, StreamCloseOnExec, 0, descriptors) != 0)
            throw LibC.LastError("no sockets can be had for a child's standard streams");
        SafeFileHandle theirs = new(descriptors[1], ownsHandle: true);
        return (new Socket(new SafeSocketHandle(descriptors[0], ownsHandle: true)), theirs);
    }

    [LibraryImport(LibC.Name, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int CreatePair(int domain, int type, int protocol, int* descriptors);
}
