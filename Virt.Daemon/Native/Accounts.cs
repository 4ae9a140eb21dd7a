using System.Runtime.InteropServices;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>An account of the host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="User">Its number.</param>
/// <param name="Group">The number of its own group.</param>
internal sealed record Account(string Name, uint User, uint Group);

/// <summary>The host's users and groups (getpwnam(3), getgrnam(3)), from wherever it has them.</summary>
internal static unsafe partial class Accounts
{
    private const int BufferSize = 64 << 10;
    private const int MaximumGroups = 1024;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int NoProcess = 3;
    private const int BadDescriptor = 9;

    /// <summary>The daemon's own effective user.</summary>
    public static uint Own { get; } = GetEffectiveUser();

    /// <summary>The daemon's own effective group.</summary>
    public static uint OwnGroup { get; } = GetEffectiveGroup();

    /// <summary>A user by name; null when there is none.</summary>
    /// <exception cref="VirtException">The host's users cannot be read.</exception>
    public static Account? FindUser(string name)
    {
        byte* buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            User entry;
            User* found;
            return IsThere(GetUser(name, &entry, buffer, BufferSize, &found), found, name) ? Read(found) : null;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    /// <summary>A user by number; null when no name goes with it.</summary>
    public static Account? FindUser(uint number)
    {
        byte* buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            User entry;
            User* found;
            return IsThere(GetUser(number, &entry, buffer, BufferSize, &found), found, $"{number}") ? Read(found) : null;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    /// <summary>The number of a group; null when there is none of that name.</summary>
    public static uint? FindGroup(string name)
    {
        byte* buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            Group entry;
            Group* found;
            return IsThere(GetGroup(name, &entry, buffer, BufferSize, &found), found, name) ? found->Number : null;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    /// <summary>The groups that a user is in, the given one with them.</summary>
    public static IReadOnlyList<uint> GroupsOf(string user, uint group)
    {
        uint* groups = stackalloc uint[MaximumGroups];
        int count = MaximumGroups;
        return GetGroups(user, group, groups, &count) >= 0 ? new ReadOnlySpan<uint>(groups, count).ToArray() : [group];
    }

    // Besides 0 these are what getpwnam_r(3) returns for a name that does not exist. Anything else leaves the question open.
    private static bool IsThere(int error, void* found, string name) =>
        error is 0 or NoEntry or NoProcess or BadDescriptor or NotPermitted
            ? error == 0 && found is not null
            : throw LibC.Error(error, $"the host's users and groups cannot be read to find '{name}'", name);

    private static Account Read(User* user) => new(Marshal.PtrToStringUTF8(user->Name)!, user->Number, user->GroupNumber);

    [StructLayout(LayoutKind.Sequential)]
    private struct User
    {
        public nint Name;
        public nint Password;
        public uint Number;
        public uint GroupNumber;
        public nint Comment;
        public nint Home;
        public nint Shell;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Group
    {
        public nint Name;
        public nint Password;
        public uint Number;
        public nint Members;
    }

    [LibraryImport(LibC.Name, EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetUser(string name, User* entry, byte* buffer, nuint size, User** result);

    [LibraryImport(LibC.Name, EntryPoint = "getpwuid_r")]
    private static partial int GetUser(uint number, User* entry, byte* buffer, nuint size, User** result);

    [LibraryImport(LibC.Name, EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroup(string name, Group* entry, byte* buffer, nuint size, Group** result);

    [LibraryImport(LibC.Name, EntryPoint = "getgrouplist", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroups(string user, uint group, uint* groups, int* count);

    [LibraryImport(LibC.Name, EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport(LibC.Name, EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroup();
}
