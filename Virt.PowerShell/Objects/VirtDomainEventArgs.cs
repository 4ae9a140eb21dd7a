using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>A lifecycle event of a domain, as event subscribers receive it in $Event.SourceEventArgs.</summary>
public sealed class VirtDomainEventArgs : EventArgs
{
    internal VirtDomainEventArgs(VirtHost host, DomainLifecycleEvent happened)
    {
        VirtHost = host;
        Kind = happened.Kind;
        Detail = happened.Detail;
        Timestamp = happened.Timestamp;
        Domain = new VirtDomain(host, happened.Domain);
    }

    /// <summary>What happened.</summary>
    public DomainEventKind Kind { get; }

    /// <summary>Why.</summary>
    public DomainEventDetail Detail { get; }

    /// <summary>When the host saw it.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>The domain's name.</summary>
    public string Name => Domain.Name;

    /// <summary>The domain right after it.</summary>
    public VirtDomain Domain { get; }

    /// <summary>The host it happened on.</summary>
    public VirtHost VirtHost { get; }

    /// <summary>The event in words.</summary>
    public override string ToString() => $"{Name}: {Kind} ({Detail})";
}
