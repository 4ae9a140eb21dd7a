using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>Tap interfaces (the kernel's tuntap), and the descriptors of macvtap ones.</summary>
internal static unsafe partial class TapInterface
{
    /// <summary>Where tap interfaces are made.</summary>
    public const string Device = "/dev/net/tun";

    private const int ReadWrite = 2;
    private const int CloseOnExec = 0x80000;
    private const uint SetInterface = 0x400454ca;
    private const uint SetPersistent = 0x400454cb;
    private const uint SetOwner = 0x400454cc;
    private const uint EthernetTool = 0x8946;
    private const uint GetCoalesce = 0xe;
    private const uint SetCoalesce = 0xf;
    private const int CoalesceWords = 23;
    private const int ReceiveFrames = 2;
    private const ushort Tap = 0x2;
    private const ushort NoPacketInfo = 0x1000;
    private const ushort VnetHeader = 0x4000;
    private const ushort MultiQueue = 0x100;
    private const int NameSize = 16;
    private const int RequestSize = 40;

    /// <summary>Makes a tap interface that stays until it is removed, whoever opens it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="multiQueue">Whether it may be opened several times, a queue each.</param>
    /// <param name="owner">The user who may open it beside root; null for none.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/> when it cannot be made.</exception>
    public static void Create(string name, bool multiQueue, uint? owner = null)
    {
        using SafeFileHandle tap = Open(Device, name, multiQueue);
        if (owner is { } user && Control(tap, SetOwner, (nint)user) != 0)
            throw LibC.LastError($"the owner of the tap interface '{name}' cannot be set", name);
        if (Control(tap, SetPersistent, 1) != 0)
            throw LibC.LastError($"the tap interface '{name}' cannot be kept", name);
    }

    /// <summary>Opens a queue of a macvtap interface.</summary>
    public static SafeHandle OpenMacvtap(string name, bool multiQueue)
    {
        HostLink link = HostLink.Get(name, "is the guest's");
        return Open(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/dev/tap{link.Index}"), name, multiQueue);
    }

    /// <summary>Opens a device for reading and writing.</summary>
    public static SafeFileHandle OpenDevice(string path)
    {
        int fd = OpenPath(path, ReadWrite | CloseOnExec);
        return fd >= 0
            ? new SafeFileHandle(fd, ownsHandle: true)
            : throw LibC.Error(Marshal.GetLastPInvokeError(), $"'{path}' cannot be opened", path, "See that the kernel's module is loaded and virtd may open it.");
    }

    /// <summary>Sets after how many frames an interface tells that it received some.</summary>
    public static void SetReceiveFrames(string name, int frames)
    {
        using SafeFileHandle socket = new(OpenSocket(2, 2 | CloseOnExec, 0), ownsHandle: true);
        uint* settings = stackalloc uint[CoalesceWords];
        new Span<uint>(settings, CoalesceWords).Clear();
        byte* request = stackalloc byte[RequestSize];
        WriteName(request, name);
        *(uint**)(request + NameSize) = settings;
        settings[0] = GetCoalesce;
        if (Control(socket, EthernetTool, (nint)request) != 0)
            throw LibC.LastError($"coalescing of '{name}' cannot be read", name);
        settings[0] = SetCoalesce;
        settings[ReceiveFrames] = (uint)frames;
        if (Control(socket, EthernetTool, (nint)request) != 0)
            throw LibC.LastError($"coalescing of '{name}' cannot be set", name);
    }

    private static SafeFileHandle Open(string device, string name, bool multiQueue)
    {
        SafeFileHandle tap = OpenDevice(device);
        byte* request = stackalloc byte[RequestSize];
        WriteName(request, name);
        *(ushort*)(request + NameSize) = (ushort)(Tap | NoPacketInfo | VnetHeader | (multiQueue ? MultiQueue : 0));
        if (Control(tap, SetInterface, (nint)request) == 0)
            return tap;
        int error = Marshal.GetLastPInvokeError();
        tap.Dispose();
        throw LibC.Error(error, $"the tap interface '{name}' cannot be had", name);
    }

    private static void WriteName(byte* request, string name)
    {
        new Span<byte>(request, RequestSize).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
    }

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeHandle fd, nuint request, nint argument);

    [LibraryImport(LibC.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);
}
