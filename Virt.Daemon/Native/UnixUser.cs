using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>The user this process acts as.</summary>
internal static partial class UnixUser
{
    /// <summary>Its effective user id.</summary>
    public static uint Effective => GetEffective();

    [LibraryImport(LibC.Name, EntryPoint = "geteuid")]
    private static partial uint GetEffective();
}
