using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Virt.Errors;

namespace Virt.Native;

/// <summary>Errors of libc calls as ours.</summary>
internal static class LibC
{
    /// <summary>The library's name for the loader.</summary>
    public const string Name = "libc";

    private const int TooManyOnHost = 23;
    private const int TooManyInProcess = 24;

    /// <summary>The exception for the errno the last call left.</summary>
    public static VirtException LastError(string what, string? target = null) => Error(Marshal.GetLastPInvokeError(), what, target);

    /// <summary>The exception for an errno.</summary>
    public static VirtException Error(int errno, string what, string? target = null, string? recommendedAction = null) =>
        new(VirtErrorCode.SystemError, $"{what}: {Marshal.GetPInvokeErrorMessage(errno)}", target, Advice(errno) ?? recommendedAction);

    /// <summary>What to do about a failure of the operating system that the framework tells of; null where that depends on the call.</summary>
    public static string? Advice(Exception? failure) => failure switch
    {
        null => null,
        SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => Advice(TooManyInProcess),
        Win32Exception native when Advice(native.NativeErrorCode) is { } advice => advice,
        IOException file when Advice(file.HResult) is { } advice => advice,
        _ => Advice(failure.InnerException),
    };

    // What holds wherever the errno comes from.
    private static string? Advice(int errno) => errno switch
    {
        TooManyInProcess => "Let the process have more open files: LimitNOFILE= in its systemd unit, or ulimit -n.",
        TooManyOnHost => "Close files or end programs on the host, or raise fs.file-max with sysctl.",
        _ => null,
    };
}
