using System.Globalization;
using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>Changes whose a file is, by its descriptor: no name is looked up again.</summary>
internal static partial class FileOwner
{
    private const int EmptyPath = 0x1000;

    /// <summary>Gives it to a user and a group (fchownat(2)).</summary>
    /// <returns>0, or the errno.</returns>
    public static int Set(SafeHandle file, uint user, uint group) =>
        ChangeOwner(file, "", user, group, EmptyPath) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Sets its permissions; the descriptor may be one of the path only.</summary>
    public static void SetMode(SafeHandle file, UnixFileMode mode) =>
        File.SetUnixFileMode(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}"), mode);

    [LibraryImport(LibC.Name, EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(SafeHandle file, string path, uint user, uint group, int flags);
}
