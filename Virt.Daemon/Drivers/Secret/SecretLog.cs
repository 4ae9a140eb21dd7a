using Microsoft.Extensions.Logging;

namespace Virt.Daemon.Drivers.Secret;

/// <summary>What the secret driver tells the daemon's log; never a value.</summary>
internal static partial class SecretLog
{
    [LoggerMessage(1, LogLevel.Error, "The secret in {Path} cannot be used: {Reason}. It was set aside as {Aside}")]
    public static partial void SetAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(2, LogLevel.Error, "The secret in {Path} cannot be read: {Reason}")]
    public static partial void Unreadable(ILogger logger, string path, string reason);
}
