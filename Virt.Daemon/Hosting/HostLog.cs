using Microsoft.Extensions.Logging;

namespace Virt.Daemon.Hosting;

/// <summary>What the host of the daemon logs.</summary>
internal static partial class HostLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "virtd {Version} starts as process {ProcessId} on {Folder}")]
    public static partial void Starting(ILogger logger, string version, int processId, string folder);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "ready at {Socket}")]
    public static partial void Ready(ILogger logger, string socket);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "stopping ({Reason}); guests run on")]
    public static partial void Stopping(ILogger logger, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "The file {Path} cannot be used: {Reason}. It was set aside as {Aside}")]
    public static partial void FileSetAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(EventId = 5, Level = LogLevel.Error, Message = "The file {Path} cannot be read: {Reason}")]
    public static partial void FileUnreadable(ILogger logger, string path, string reason);
}
