using Microsoft.Extensions.Logging;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>What the QEMU driver tells the daemon's log.</summary>
internal static partial class QemuLog
{
    [LoggerMessage(3, LogLevel.Information, "Domain {Name}: started as {Id} with pid {Pid}")]
    public static partial void Started(ILogger logger, string name, int id, int pid);

    [LoggerMessage(4, LogLevel.Information, "Domain {Name}: off ({Reason}); QEMU {Exit}")]
    public static partial void Stopped(ILogger logger, string name, string reason, string exit);

    [LoggerMessage(5, LogLevel.Information, "Domain {Name}: taken over as {Id} with pid {Pid}, {State}")]
    public static partial void Adopted(ILogger logger, string name, int id, int pid, string state);

    [LoggerMessage(6, LogLevel.Warning, "Domain {Name}: its monitor is lost: {Reason}")]
    public static partial void MonitorLost(ILogger logger, string name, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Domain {Name}: {Task} failed: {Reason}")]
    public static partial void TaskFailed(ILogger logger, string name, string task, string reason);

    [LoggerMessage(8, LogLevel.Warning, "A subscriber's handler of lifecycle events failed: {Reason}")]
    public static partial void SubscriberFailed(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Information, "QEMU driver: {Defined} domains defined, {Running} running")]
    public static partial void Ready(ILogger logger, int defined, int running);

    [LoggerMessage(10, LogLevel.Warning, "Domain {Name}: it ran when virtd stopped and is gone")]
    public static partial void Gone(ILogger logger, string name);

    [LoggerMessage(11, LogLevel.Warning, "Domain {Name}: {Warning}")]
    public static partial void NoEffect(ILogger logger, string name, string warning);

    [LoggerMessage(12, LogLevel.Warning, "Domain {Name}: its status was lost; process {Pid} was found and is taken over with what {Source} tells")]
    public static partial void Recovered(ILogger logger, string name, int pid, string source);

    [LoggerMessage(13, LogLevel.Warning, "Domain {Name}: its definition was lost; it is written anew from the guest that runs")]
    public static partial void DefinitionRestored(ILogger logger, string name);

    [LoggerMessage(14, LogLevel.Information, "The folder {Folder} is of a guest that does not run: removed")]
    public static partial void FolderRemoved(ILogger logger, string folder);

    [LoggerMessage(15, LogLevel.Information, "Domain {Name}: its removal was cut short and is finished")]
    public static partial void RemovalFinished(ILogger logger, string name);

    [LoggerMessage(16, LogLevel.Warning, "The file {Path} is not handed back to its owner: {Reason}")]
    public static partial void NotReturned(ILogger logger, string path, string reason);

    [LoggerMessage(18, LogLevel.Warning, "The file {Path} stays open to other guests too, whom its permissions let: {Reason}")]
    public static partial void LeftOpen(ILogger logger, string path, string reason);

    [LoggerMessage(17, LogLevel.Information, "{Path} had more than {Limit} MiB: it begins anew, and what was there is in {Path}.0")]
    public static partial void LogCut(ILogger logger, string path, long limit);
}
