namespace Virt.Daemon.Rpc;

/// <summary>
/// Whose call is being served, for work deep below that the call has caused. What is begun by a call and goes on after its answer serves
/// nobody any more, and holds nothing of the client.
/// </summary>
internal sealed class CallContext
{
    private static readonly AsyncLocal<CallContext?> Local = new();
    private volatile ServerClient? _client;

    private CallContext(ServerClient client, string procedure) => (_client, Procedure) = (client, procedure);

    /// <summary>The call that the running code serves; null when it serves none.</summary>
    public static CallContext? Current => Local.Value is { _client: not null } call ? call : null;

    /// <summary>Whether the running code serves a call by which somebody may change things who is root on this host, or the daemon's own user.</summary>
    public static bool IsHostAdministrators =>
        Current?.Client is { Session: { IsReadOnly: false, Identity: UnixIdentity { IsAdministrator: true } } };

    /// <summary>Whose call it is; null once it is answered.</summary>
    public ServerClient? Client => _client;

    /// <summary>What is called.</summary>
    public string Procedure { get; }

    /// <summary>From here on, and in whatever is begun from here on, a call is served, until it ends.</summary>
    public static CallContext Enter(ServerClient client, string procedure) => Local.Value = new CallContext(client, procedure);

    /// <summary>The code that begins calls serves none itself.</summary>
    public static void Leave() => Local.Value = null;

    /// <summary>The call is answered.</summary>
    public void End() => _client = null;
}
