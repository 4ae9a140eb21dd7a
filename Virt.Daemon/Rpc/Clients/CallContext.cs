namespace Virt.Daemon.Rpc;

/// <summary>Whose call is being served, for work deep below that the call has caused.</summary>
internal static class CallContext
{
    private static readonly AsyncLocal<(ServerClient Client, string Procedure)?> Call = new();

    /// <summary>The call that the running code serves; null when it serves none.</summary>
    public static (ServerClient Client, string Procedure)? Current => Call.Value;

    /// <summary>Whether the running code serves a call by which somebody may change things who is root on this host, or the daemon's own user.</summary>
    public static bool IsHostAdministrators =>
        Current is { Client.Session: { IsReadOnly: false, Identity: UnixIdentity { IsAdministrator: true } } };

    /// <summary>From here on, and in whatever is begun from here on, a call is served.</summary>
    public static void Enter(ServerClient client, string procedure) => Call.Value = (client, procedure);

    /// <summary>The code that begins calls serves none itself.</summary>
    public static void Leave() => Call.Value = null;
}
