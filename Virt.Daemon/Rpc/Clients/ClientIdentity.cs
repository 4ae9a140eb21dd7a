namespace Virt.Daemon.Rpc;

/// <summary>Who a client is, as its kind of authentication vouches for it.</summary>
internal abstract record ClientIdentity
{
    /// <summary>For logs and the admin program.</summary>
    public abstract string Name { get; }

    /// <summary>Who vouches for it, so that nobody can take a name that looks like another kind's: <c>unix</c>, <c>password</c>, <c>certificate</c>.</summary>
    public abstract string Kind { get; }
}

/// <summary>A user of this machine, by the kernel's word (SO_PEERCRED).</summary>
internal sealed record UnixIdentity(uint UserId) : ClientIdentity
{
    /// <summary>The groups its process is in, as the kernel knows them.</summary>
    public IReadOnlyList<uint> GroupIds { get; init; } = [];

    /// <summary>Whether it is root or the daemon's own user.</summary>
    public bool IsAdministrator => UserId == 0 || UserId == UnixCredentials.OwnUserId;

    /// <inheritdoc/>
    public override string Name => $"uid {UserId}";

    /// <inheritdoc/>
    public override string Kind => "unix";
}

/// <summary>A user of virtd's own list, by password.</summary>
internal sealed record PasswordIdentity(string User) : ClientIdentity
{
    /// <inheritdoc/>
    public override string Name => User;

    /// <inheritdoc/>
    public override string Kind => "password";
}

/// <summary>The owner of a certificate that an authority of the site has issued.</summary>
/// <param name="DistinguishedName">The certificate's subject as RFC 4514 spells it: <c>CN=alice,O=Example</c>.</param>
internal sealed record CertificateIdentity(string DistinguishedName) : ClientIdentity
{
    /// <inheritdoc/>
    public override string Name => DistinguishedName;

    /// <inheritdoc/>
    public override string Kind => "certificate";
}
