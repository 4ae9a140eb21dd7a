using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>What a client may do, and by which rule.</summary>
/// <param name="Access">The classes.</param>
/// <param name="Reason">Where they come from, for denials and <c>virtd access</c>: a role of which rule, or a default.</param>
internal sealed record AccessGrant(Access Access, string Reason)
{
    /// <summary>Nobody has said yet who the client is.</summary>
    public static AccessGrant None { get; } = new(Access.Handshake, "it has not authenticated");
}
