namespace Virt.Daemon.Rpc.Audit;

/// <summary>Whose call is being served, for what is written about work that a call has caused deep below.</summary>
internal static class AuditContext
{
    private static readonly AsyncLocal<(ServerClient Client, string Procedure)?> Call = new();

    /// <summary>The call that the running code serves; null when it serves none.</summary>
    public static (ServerClient Client, string Procedure)? Current => Call.Value;

    /// <summary>From here on, and in whatever is begun from here on, a call is served.</summary>
    public static void Enter(ServerClient client, string procedure) => Call.Value = (client, procedure);

    /// <summary>The code that begins calls serves none itself.</summary>
    public static void Leave() => Call.Value = null;
}
