namespace Virt.Daemon.Rpc;

/// <summary>Who is at the other end of a connection, as far as the transport knows.</summary>
/// <param name="Transport">As <c>unix</c> or <c>tcp</c>.</param>
/// <param name="Description">For logs and the admin program: <c>pid 12 uid 0</c>, or an address.</param>
/// <param name="ReadOnly">Whether it came by a read-only socket.</param>
/// <param name="UserId">The user id that the kernel vouches for; null over a network.</param>
internal sealed record Peer(string Transport, string Description, bool ReadOnly, uint? UserId)
{
    /// <summary>Whether it has to authenticate by itself: nobody vouches for it.</summary>
    public bool MustAuthenticate => UserId is null;

    /// <summary>Whether it may use the admin program: root and the daemon's own user, on a socket for writing.</summary>
    public bool MayAdminister => !ReadOnly && UserId is { } user && (user == 0 || user == UnixCredentials.OwnUserId);
}
