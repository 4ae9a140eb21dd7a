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
}
