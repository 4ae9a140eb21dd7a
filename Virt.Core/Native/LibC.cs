using System.Runtime.InteropServices;
using Virt.Errors;

namespace Virt.Native;

/// <summary>Errors of libc calls as ours.</summary>
internal static class LibC
{
    /// <summary>The library's name for the loader.</summary>
    public const string Name = "libc";

    /// <summary>The exception for the errno the last call left.</summary>
    public static VirtException LastError(string what, string? target = null) => Error(Marshal.GetLastPInvokeError(), what, target);

    /// <summary>The exception for an errno.</summary>
    public static VirtException Error(int errno, string what, string? target = null, string? recommendedAction = null) =>
        new(VirtErrorCode.SystemError, $"{what}: {Marshal.GetPInvokeErrorMessage(errno)}", target, recommendedAction);
}
