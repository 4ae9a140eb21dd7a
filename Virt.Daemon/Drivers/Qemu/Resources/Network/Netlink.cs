using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>
/// Requests to the kernel's rtnetlink(7), which the framework has no sockets for. The kernel carries a request out within the call
/// that sends it, and its acknowledgement lies ready afterwards: nothing here waits.
/// </summary>
internal static unsafe partial class Netlink
{
    private const int Family = 16;
    private const int Raw = 3;
    private const int CloseOnExec = 0x80000;
    private const int DoNotWait = 0x40;
    private const ushort ErrorType = 2;
    private const int ReplySize = 64 * 1024;

    /// <summary>Sends a request and returns what the kernel answered before its acknowledgement: attributes of the last
    /// message, after its fixed part; empty when it answered nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="what">What could not be done, for the error.</param>
    /// <param name="target">The object, for the error.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/> with the kernel's reason.</exception>
    public static byte[] Send(NetlinkMessage request, string what, string target)
    {
        int error = TrySend(request, what, target, out byte[] answer);
        return error == 0 ? answer : throw LibC.Error(error, what, target);
    }

    /// <summary>Sends a request; the errno with which the kernel refused it, or 0.</summary>
    public static int TrySend(NetlinkMessage request, string what, string target, out byte[] answer)
    {
        int fd = OpenSocket(Family, Raw | CloseOnExec, 0);
        if (fd < 0)
            throw LibC.LastError(what, target);
        using var socket = new SafeFileHandle(fd, ownsHandle: true);
        byte[] bytes = request.ToArray(1);
        fixed (byte* data = bytes)
        {
            if (SendBytes(socket, data, bytes.Length, 0) != bytes.Length)
                throw LibC.LastError(what, target);
        }

        answer = [];
        var buffer = new byte[ReplySize];
        while (true)
        {
            int length;
            fixed (byte* data = buffer)
                length = (int)ReceiveBytes(socket, data, buffer.Length, DoNotWait);
            if (length < 0)
                throw LibC.LastError(what, target);
            for (int at = 0; at + NetlinkMessage.HeaderLength <= length;)
            {
                int size = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at));
                if (size < NetlinkMessage.HeaderLength || at + size > length)
                    throw new VirtException(VirtErrorCode.SystemError, $"{what}: the kernel's answer cannot be read", target);
                ReadOnlySpan<byte> body = buffer.AsSpan(at + NetlinkMessage.HeaderLength, size - NetlinkMessage.HeaderLength);
                if (BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 4)) == ErrorType)
                    return -BinaryPrimitives.ReadInt32LittleEndian(body);
                answer = body.ToArray();
                at += (size + 3) & ~3;
            }
        }
    }

    /// <summary>The value of an attribute among others; empty when it is not there.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, ushort type)
    {
        while (attributes.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (length < 4 || length > attributes.Length)
                break;
            if ((BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) & 0x3fff) == type)
                return attributes[4..length];
            attributes = attributes[Math.Min((length + 3) & ~3, attributes.Length)..];
        }

        return [];
    }

    [LibraryImport(LibC.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport(LibC.Name, EntryPoint = "send", SetLastError = true)]
    private static partial nint SendBytes(SafeHandle socket, byte* data, nint length, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveBytes(SafeHandle socket, byte* data, nint length, int flags);
}
