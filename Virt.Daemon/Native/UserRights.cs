using System.Runtime.InteropServices;
using System.Text;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>
/// Asks the kernel what another user may do with a file. For the length of one system call the calling thread, and no other, has that
/// user's identity towards file systems (setfsuid(2)); whoever serves files for others does so.
/// </summary>
internal static unsafe partial class UserRights
{
    /// <summary>Whether the file is reached at all.</summary>
    public const int Reach = 0;

    /// <summary>May write.</summary>
    public const int Write = 2;

    /// <summary>May read.</summary>
    public const int Read = 4;

    private const int AccessNumber = 439;
    private const int Effective = 0x200;
    private const int EmptyPath = 0x1000;
    private const int CurrentFolder = -100;
    private const int MaximumGroups = 1024;
    private const int NotPermitted = 1;

    // No code may be loaded under another identity: all that is called there has been called before.
    static UserRights() => _ = Ask(new QemuUser("", Accounts.Own, Accounts.OwnGroup, [Accounts.OwnGroup]), CurrentFolder, "/\0"u8, Reach, 0);

    private static int SetGroupsNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 116,
        Architecture.S390x => 206,
        Architecture.Ppc64le => 81,
        _ => 159,
    };

    /// <summary>Tries a path.</summary>
    /// <returns>0 when the user has the right, else the errno.</returns>
    public static int Ask(QemuUser user, string path, int right) => Ask(user, CurrentFolder, Encoding.UTF8.GetBytes(path + "\0"), right, 0);

    /// <summary>Tries a file that is open already, wherever it lies.</summary>
    /// <returns>0 when the user has the right, else the errno.</returns>
    public static int Ask(QemuUser user, SafeHandle file, int right)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return Ask(user, (int)file.DangerousGetHandle(), "\0"u8, right, EmptyPath);
        }
        finally
        {
            if (held)
                file.DangerousRelease();
        }
    }

    private static int Ask(QemuUser user, int folder, ReadOnlySpan<byte> path, int right, int flags)
    {
        uint* own = stackalloc uint[MaximumGroups];
        uint* groups = stackalloc uint[MaximumGroups];
        int ownCount = GetGroups(MaximumGroups, own);
        int count = Math.Min(user.Groups.Count, MaximumGroups);
        for (int i = 0; i < count; i++)
            groups[i] = user.Groups[i];
        if (ownCount < 0)
            return NotPermitted;
        nint result = -1;
        int error;
        fixed (byte* name = path)
        {
            if (Call(SetGroupsNumber, count, (nint)groups, 0, 0) != 0)
                return Marshal.GetLastPInvokeError();
            _ = SetGroup(user.Group);
            _ = SetUser(user.User);
            result = Call(AccessNumber, folder, (nint)name, right, Effective | flags);
            error = Marshal.GetLastPInvokeError();
            _ = SetUser(Accounts.Own);
            _ = SetGroup(Accounts.OwnGroup);
        }

        // The identity that the thread has now is its answer to an impossible one.
        if (Call(SetGroupsNumber, ownCount, (nint)own, 0, 0) != 0 || SetUser(uint.MaxValue) != Accounts.Own || SetGroup(uint.MaxValue) != Accounts.OwnGroup)
            Environment.FailFast("a thread did not get its identity back");
        return result == 0 ? 0 : error;
    }

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport(LibC.Name, EntryPoint = "setfsuid")]
    private static partial uint SetUser(uint user);

    [LibraryImport(LibC.Name, EntryPoint = "setfsgid")]
    private static partial uint SetGroup(uint group);

    [LibraryImport(LibC.Name, EntryPoint = "getgroups", SetLastError = true)]
    private static partial int GetGroups(int count, uint* groups);
}
