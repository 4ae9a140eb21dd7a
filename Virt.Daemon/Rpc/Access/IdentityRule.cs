using System.IO.Enumeration;
using Virt.Daemon.Rpc.Tls;

namespace Virt.Daemon.Rpc;

/// <summary>
/// Gives a role to the clients that any of its lists names. The names of network users and certificates may have the wildcards
/// <c>*</c> and <c>?</c>; case counts.
/// </summary>
/// <param name="Key">Where the rule stands in the configuration, as <c>access.rules[0]</c>.</param>
/// <param name="Role">What the clients get.</param>
internal sealed record IdentityRule(string Key, AccessRole Role)
{
    /// <summary>Users of this machine, on unix sockets.</summary>
    public IReadOnlySet<uint> UnixUsers { get; init; } = new HashSet<uint>();

    /// <summary>Groups of this machine; a client's process is in its own group and in its supplementary ones.</summary>
    public IReadOnlySet<uint> UnixGroups { get; init; } = new HashSet<uint>();

    /// <summary>Users of virtd's own list, by password.</summary>
    public IReadOnlyList<string> PasswordUsers { get; init; } = [];

    /// <summary>Distinguished names of client certificates.</summary>
    public AllowedClients Certificates { get; init; } = new([]);

    /// <summary>Whether it is about this client.</summary>
    public bool Matches(ClientIdentity identity) => identity switch
    {
        UnixIdentity unix => UnixUsers.Contains(unix.UserId) || unix.GroupIds.Any(UnixGroups.Contains),
        PasswordIdentity password => AnyFits(PasswordUsers, password.User),
        CertificateIdentity certificate => Certificates.Has(certificate.DistinguishedName),
        _ => false,
    };

    private static bool AnyFits(IReadOnlyList<string> patterns, string name) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
