using System.Runtime.InteropServices;

namespace Virt.Daemon.Files;

/// <summary>What lies at a path is there and can be reached, but is not what is expected there, or not to be trusted.</summary>
/// <param name="message">What it is.</param>
internal sealed class UnsuitableFileException(string message) : IOException(message);

/// <summary>The exceptions of the framework for the kernel's answers, so that callers treat both alike.</summary>
internal static class FileErrors
{
    /// <summary>There is nothing of that name.</summary>
    public const int NoEntry = 2;

    /// <summary>There is something of that name.</summary>
    public const int Exists = 17;

    /// <summary>It is no folder.</summary>
    public const int NotFolder = 20;

    /// <summary>It is a folder.</summary>
    public const int IsFolder = 21;

    /// <summary>It is a link.</summary>
    public const int IsLink = 40;

    private const int NotPermitted = 1;
    private const int AccessDenied = 13;

    /// <summary>Whether an answer says that a file is not there.</summary>
    public static bool IsMissing(int error) => error is NoEntry or NotFolder;

    /// <summary>The exception for an errno.</summary>
    public static Exception Of(int error, string path) => error switch
    {
        NoEntry => new FileNotFoundException($"there is no '{path}'", path),
        NotFolder => new DirectoryNotFoundException($"there is no '{path}': a part of it is no folder"),
        IsLink => new UnsuitableFileException($"'{path}' is a symbolic link"),
        NotPermitted or AccessDenied => new UnauthorizedAccessException($"'{path}': {Marshal.GetPInvokeErrorMessage(error)}"),
        _ => new IOException($"'{path}': {Marshal.GetPInvokeErrorMessage(error)}", error),
    };

    /// <summary>The exception for what is not the kind that was expected.</summary>
    public static UnsuitableFileException NotFile(Native.FileKind kind, string path) => new($"'{path}' is {Name(kind)}, not a file");

    /// <summary>What people call it.</summary>
    public static string Name(Native.FileKind kind) => kind switch
    {
        Native.FileKind.File => "a file",
        Native.FileKind.Folder => "a folder",
        Native.FileKind.Link => "a symbolic link",
        Native.FileKind.Pipe => "a FIFO",
        Native.FileKind.Socket => "a socket",
        _ => "a device",
    };
}
