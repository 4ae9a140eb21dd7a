using Microsoft.Extensions.Logging;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>What the QEMU driver tells the daemon's log.</summary>
internal static partial class QemuLog
{
    [LoggerMessage(1, LogLevel.Error, "The file {Path} cannot be used: {Reason}. It was set aside as {Aside}")]
    public static partial void FileSetAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(2, LogLevel.Error, "The file {Path} cannot be read: {Reason}")]
    public static partial void FileUnreadable(ILogger logger, string path, string reason);

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

    [LoggerMessage(12, LogLevel.Warning, "The file {Path} is not handed back to its owner: {Reason}")]
    public static partial void NotReturned(ILogger logger, string path, string reason);
}
