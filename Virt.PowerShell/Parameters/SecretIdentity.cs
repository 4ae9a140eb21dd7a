using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>What a user means by a secret: the object, its uuid, or whom it is for (also with wildcards).</summary>
public sealed class SecretIdentity
{
    /// <summary>A uuid, or whom the secret is for.</summary>
    public SecretIdentity(string uuidOrUsageId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(uuidOrUsageId);
        Text = uuidOrUsageId;
        Uuid = Guid.TryParse(uuidOrUsageId, out Guid uuid) ? uuid : null;
    }

    /// <summary>A uuid.</summary>
    public SecretIdentity(Guid uuid)
    {
        Text = uuid.ToString();
        Uuid = uuid;
    }

    /// <summary>A secret that Get-VirtSecret returned.</summary>
    public SecretIdentity(VirtSecret secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        Secret = secret;
        Text = secret.ToString();
    }

    internal VirtSecret? Secret { get; }

    internal Guid? Uuid { get; }

    internal string Text { get; }

    internal bool IsPattern => Uuid is null && NamePattern.HasWildcard(Text);

    /// <summary>What the user gave, as text.</summary>
    public override string ToString() => Text;

    internal bool Matches(VirtSecret secret) =>
        Uuid is { } uuid ? secret.Uuid == uuid : secret.UsageId is { } id && NamePattern.IsMatch(Text, id);
}
