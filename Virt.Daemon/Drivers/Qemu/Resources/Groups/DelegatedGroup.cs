using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Resources.Groups;

/// <summary>
/// The part of the control group tree (cgroup v2) that the service manager gave this daemon to divide: the parent of the group
/// it runs in, marked as delegated. systemd makes it so with <c>Delegate=yes</c> and <c>DelegateSubgroup=</c>; a group without
/// that mark belongs to somebody else.
/// </summary>
internal static partial class DelegatedGroup
{
    private static readonly string[] Marks = ["user.delegate", "trusted.delegate"];

    /// <summary>Its folder; null when there is none.</summary>
    public static string? Find()
    {
        if (ControlGroups.Mount is not { } mount || ControlGroups.PathOf(Environment.ProcessId) is not { Length: > 1 } path)
            return null;
        string? parent = Path.GetDirectoryName(mount + path);
        return parent is not null && parent != mount && Marks.Any(mark => IsMarked(parent, mark)) ? parent : null;
    }

    private static unsafe bool IsMarked(string folder, string mark)
    {
        byte value;
        return GetAttribute(folder, mark, &value, 1) == 1 && value == (byte)'1';
    }

    [LibraryImport(LibC.Name, EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial nint GetAttribute(string path, string name, byte* value, nuint size);
}
