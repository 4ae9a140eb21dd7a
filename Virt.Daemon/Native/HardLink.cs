using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>A second name of a file (link(2)), with which it can be had under its old and its new name at once.</summary>
internal static partial class HardLink
{
    /// <summary>Makes it; nothing may have the new name.</summary>
    public static void Create(string path, string name)
    {
        if (Link(path, name) != 0)
            throw LibC.LastError($"'{path}' cannot be linked as '{name}'", path);
    }

    [LibraryImport(LibC.Name, EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string name);
}
