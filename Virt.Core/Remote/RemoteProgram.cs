namespace Virt.Remote;

/// <summary>The programs that share a connection: the API, the daemon about itself, and keepalive.</summary>
public static class RemoteProgram
{
    /// <summary>The API: session, hypervisor and secondary drivers.</summary>
    public const int Number = 1;

    /// <summary>The API's version.</summary>
    public const int Version = 1;

    /// <summary>The daemon about itself.</summary>
    public const int Admin = 2;

    /// <summary>The admin program's version.</summary>
    public const int AdminVersion = 1;

    /// <summary>Ping and pong, both ways.</summary>
    public const int Keepalive = 3;

    /// <summary>The keepalive program's version.</summary>
    public const int KeepaliveVersion = 1;
}
