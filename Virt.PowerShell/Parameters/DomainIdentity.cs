using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>
/// What a user means by a domain: its name (also with wildcards), its uuid, its runtime id, or the object itself.
/// </summary>
public sealed class DomainIdentity
{
    /// <summary>A name, which may have wildcards, or a uuid as text.</summary>
    public DomainIdentity(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Input = Pattern = name;
        if (System.Guid.TryParseExact(name, "D", out Guid uuid))
            Uuid = uuid;
    }

    /// <summary>A uuid.</summary>
    public DomainIdentity(Guid uuid)
    {
        Input = uuid;
        Uuid = uuid;
    }

    /// <summary>The runtime id of an active domain.</summary>
    public DomainIdentity(int id)
    {
        Input = id;
        Id = id;
    }

    /// <summary>A domain that is known already.</summary>
    public DomainIdentity(VirtDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        Input = Domain = domain;
    }

    /// <summary>The domain that a device is in; commands about devices mean that device.</summary>
    public DomainIdentity(VirtDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Input = device;
        Domain = device.Domain;
    }

    /// <summary>What the user gave; the target of errors.</summary>
    internal object Input { get; }

    internal VirtDomain? Domain { get; }

    internal string? Pattern { get; }

    internal Guid? Uuid { get; }

    internal int? Id { get; }

    /// <summary>Whether it may match many domains or none, without that being an error.</summary>
    internal bool IsWildcard => Pattern is not null && NamePattern.HasWildcard(Pattern);

    /// <summary>What the user gave, as text.</summary>
    public override string ToString() => Input.ToString()!;

    /// <summary>Whether it means this domain.</summary>
    internal bool Matches(DomainRecord record) =>
        (Uuid is not null && Uuid == record.Uuid)
        || (Id is not null && Id == record.Id)
        || (Pattern is not null && NamePattern.IsMatch(Pattern, record.Name));

    /// <summary>Whether it says this very name, case included.</summary>
    internal bool IsExactly(DomainRecord record) =>
        Pattern is not null && !IsWildcard && NamePattern.Unescape(Pattern) == record.Name;
}
