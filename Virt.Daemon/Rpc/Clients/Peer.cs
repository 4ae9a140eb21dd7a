using System.Net;
using Virt.Daemon.Rpc.Listeners;

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

    /// <summary>Whose noise in logs it is counted as: the user that the transport vouches for, else the address.</summary>
    public string Who => Identity?.Name ?? Address ?? Description;

    /// <summary>Whether it is root or the daemon's own user, on a socket that is not read-only.</summary>
    public bool IsAdministrator => !ReadOnly && Identity is UnixIdentity { IsAdministrator: true };

    /// <summary>
    /// Who its failed tries to authenticate are counted for: the address; on this machine, where all who come through a tunnel have the
    /// same one, the user it wants to be. Null where nothing is counted.
    /// </summary>
    /// <param name="user">The name it gave; null while it has given none.</param>
    public string? AttemptsOf(string? user) =>
        !IsLocal ? Address : user is { Length: > 0 } ? $"user '{user}' from {Address}" : null;

    /// <summary>Whether the address is one of the loopback device.</summary>
    public bool IsLocal => Address is { } address
        && (address.StartsWith("127.", StringComparison.Ordinal) || address == NetworkAddress.KeyOf(new IPEndPoint(IPAddress.IPv6Loopback, 0)));

    /// <summary>Whether it has to authenticate by itself: nobody vouches for it.</summary>
    public bool MustAuthenticate => Identity is null;
}
