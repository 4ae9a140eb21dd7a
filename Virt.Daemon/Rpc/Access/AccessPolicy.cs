using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>
/// Which client may do what. The first rule that names a client decides; one that no rule names gets the default. Root and the
/// daemon's own user always have everything on the read-write socket, as they could change the rules anyway; a read-only
/// socket never gives more than reading.
/// </summary>
/// <param name="rules">The rules, in the order they are asked.</param>
/// <param name="fallback">What a client gets that no rule names; null for the daemon's defaults.</param>
internal sealed class AccessPolicy(IReadOnlyList<IdentityRule> rules, AccessRole? fallback = null)
{
    private const Access AllButAdmin = Access.All & ~Access.Admin;

    /// <summary>The defaults: whoever may open the read-write socket or authenticates may do everything but administer.</summary>
    public static AccessPolicy Default { get; } = new([]);

    /// <summary>What a client may do.</summary>
    public AccessGrant Grant(ClientIdentity identity, bool readOnlySocket)
    {
        AccessGrant grant = Judge(identity, readOnlySocket);
        return readOnlySocket ? grant with { Access = grant.Access & Access.Read } : grant;
    }

    private AccessGrant Judge(ClientIdentity identity, bool readOnlySocket)
    {
        if (identity is UnixIdentity { IsAdministrator: true } && !readOnlySocket)
            return new(Access.All, "root and the user virtd runs as have every access class on the read-write socket");
        if (rules.FirstOrDefault(rule => rule.Matches(identity)) is { } rule)
            return new(rule.Role.Access, $"the role {rule.Role.Name} of {rule.Key}");
        return fallback is not null
            ? new(fallback.Access, $"the role {fallback.Name} of access.default")
            : new(AllButAdmin, "no rule names this client, and by default it may do everything but administer");
    }
}
