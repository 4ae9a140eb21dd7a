namespace Virt.PowerShell;

/// <summary>What a user means by a host: the object, its name (also with wildcards) or its URI.</summary>
public sealed class HostIdentity
{
    /// <summary>The name or the URI of a connected host.</summary>
    public HostIdentity(string nameOrUri)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrUri);
        Text = nameOrUri;
    }

    /// <summary>A connected host.</summary>
    public HostIdentity(VirtHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        Host = host;
        Text = host.Name;
    }

    internal VirtHost? Host { get; }

    internal string Text { get; }

    /// <summary>What the user gave, as text.</summary>
    public override string ToString() => Text;

    internal bool Matches(VirtHost host) => Host is null ? host.Answers(Text) : ReferenceEquals(Host, host);
}
