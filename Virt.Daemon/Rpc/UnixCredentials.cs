using System.Net.Sockets;
using System.Runtime.InteropServices;
using Virt.Errors;

namespace Virt.Daemon.Rpc;

/// <summary>The kernel's word on who is at the other end of a unix socket (SO_PEERCRED, unix(7)).</summary>
/// <param name="ProcessId">The process that connected.</param>
/// <param name="UserId">Its effective user.</param>
/// <param name="GroupId">Its effective group.</param>
internal readonly partial record struct UnixCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int PeerGroups = 59;
    private const int UsualGroups = 64;
    private const int MostGroups = 65536;

    /// <summary>The daemon's own effective user.</summary>
    public static uint OwnUserId { get; } = GetEffectiveUserId();

    /// <summary>Asks the kernel.</summary>
    /// <exception cref="SocketException">It does not say.</exception>
    public static UnixCredentials Of(Socket socket)
    {
        Span<int> raw = stackalloc int[3];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, MemoryMarshal.AsBytes(raw));
        return new(raw[0], (uint)raw[1], (uint)raw[2]);
    }

    /// <summary>The groups of the process at the other end when it connected (SO_PEERGROUPS): its own and the supplementary ones.</summary>
    public static IReadOnlyList<uint> GroupsOf(Socket socket, UnixCredentials peer)
    {
        foreach (int room in (ReadOnlySpan<int>)[UsualGroups, MostGroups])
        {
            uint[] groups = new uint[room];
            try
            {
                int bytes = socket.GetRawSocketOption(SocketLevel, PeerGroups, MemoryMarshal.AsBytes(groups.AsSpan()));
                return [peer.GroupId, .. groups.AsSpan(0, bytes / sizeof(uint))];
            }
            catch (SocketException)
            {
                // More groups than there was room for; or a kernel before 4.13, which does not say.
            }
        }

        return [peer.GroupId];
    }

    /// <summary>The number of a group.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/> when there is none of that name.</exception>
    public static unsafe uint FindGroup(string name)
    {
        Group* group = GetGroup(name);
        return group is not null
            ? group->GroupId
            : throw new VirtException(
                VirtErrorCode.ConfigurationError, $"there is no group '{name}'", name,
                $"Create it with `groupadd --system {name}`, or change unix.group in virtd.json.");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Group
    {
        public nint Name;
        public nint Password;
        public uint GroupId;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getgrnam", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial Group* GetGroup(string name);
}
