using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Virt.Daemon.Rpc;

/// <summary>
/// Where it is logged who comes and goes. Anybody may connect as often as the machine can, so that such lines would fill the disk and
/// hide all others: beyond some a minute a user's connections are only counted.
/// </summary>
/// <param name="logger">The daemon's.</param>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class ClientLog(ILogger logger, TimeProvider? time = null)
{
    /// <summary>Connections of one user that are logged in a minute.</summary>
    public const int Most = 100;

    private readonly Bursts _connections = new(Most, TimeSpan.FromMinutes(1), time);

    /// <summary>The logger for what is usual about a connection that has just been made; one that drops it when its user has had too many.</summary>
    public ILogger For(Peer peer)
    {
        if (peer.IsAdministrator)
            return logger;
        bool may = _connections.TryTake(peer.Who, out long suppressed);
        if (suppressed > 0)
            RpcLog.NotLogged(logger, suppressed, peer.Who);
        return may ? logger : NullLogger.Instance;
    }

    /// <summary>Says what has not been said yet.</summary>
    public void Close()
    {
        foreach ((string who, long count) in _connections.TakeSuppressed())
            RpcLog.NotLogged(logger, count, who);
    }
}
