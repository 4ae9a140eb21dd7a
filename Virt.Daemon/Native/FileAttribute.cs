using System.Runtime.InteropServices;
using System.Text;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>
/// What virtd writes to a file beside its content (xattr(7)): root's, in <c>trusted.</c>, can be neither read nor changed by any other user,
/// whoever owns the file. A daemon that is not root has only what its user has.
/// </summary>
internal static unsafe partial class FileAttribute
{
    private const int MaximumBytes = 8192;

    private static string Space => Environment.IsPrivilegedProcess ? "trusted.virt." : "user.virt.";

    /// <summary>Reads one; null when there is none, or the file system keeps none.</summary>
    public static string? Read(SafeHandle file, string name)
    {
        byte* value = stackalloc byte[MaximumBytes];
        nint length = Get(file, Space + name, value, MaximumBytes);
        return length >= 0 ? Encoding.UTF8.GetString(value, (int)length) : null;
    }

    /// <summary>Writes one; false when the file system keeps none.</summary>
    public static bool Write(SafeHandle file, string name, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return bytes.Length <= MaximumBytes && Set(file, Space + name, bytes, (nuint)bytes.Length, 0) == 0;
    }

    /// <summary>The name by which an administrator finds one.</summary>
    public static string NameOf(string name) => Space + name;

    [LibraryImport(LibC.Name, EntryPoint = "fgetxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Get(SafeHandle file, string name, byte* value, nuint size);

    [LibraryImport(LibC.Name, EntryPoint = "fsetxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(SafeHandle file, string name, byte[] value, nuint size, int flags);
}
