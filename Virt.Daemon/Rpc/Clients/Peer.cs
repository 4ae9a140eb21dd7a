namespace Virt.Daemon.Rpc;

/// <summary>Who is at the other end of a connection, as far as the transport knows.</summary>
/// <param name="Transport">As <c>unix</c>, <c>tls</c> or <c>tcp</c>.</param>
/// <param name="Description">For logs and the admin program: <c>pid 12 uid 0</c>, or an address.</param>
/// <param name="ReadOnly">Whether it came by a read-only socket.</param>
/// <param name="Identity">Who the transport vouches for; null when the client has to authenticate by itself.</param>
internal sealed record Peer(string Transport, string Description, bool ReadOnly, ClientIdentity? Identity)
{
    /// <summary>The network address that limits count by; of IPv6 the first 64 bits, as a host has all addresses behind them. Null elsewhere.</summary>
    public string? Address { get; init; }

    /// <summary>Whether it has to authenticate by itself: nobody vouches for it.</summary>
    public bool MustAuthenticate => Identity is null;
}
