using System.Globalization;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>A lifecycle event of a domain, as event subscribers receive it in $Event.SourceEventArgs.</summary>
public sealed class VirtDomainEventArgs : EventArgs, IDomainEventColumns
{
    private readonly DomainLifecycleEvent _happened;

    internal VirtDomainEventArgs(VirtHost host, DomainLifecycleEvent happened, bool missed)
    {
        _happened = happened;
        VirtHost = host;
        Timestamp = happened.Timestamp;
        Missed = missed;
        Domain = new VirtDomain(host, happened.Domain);
    }

    /// <summary>What happened.</summary>
    public DomainEventKind Kind => _happened.Kind;

    /// <summary>Why.</summary>
    public DomainEventDetail Detail => _happened.Detail;

    /// <summary>When the host saw it; of a missed event, when the connection was there again.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>
    /// Whether it happened while the connection was lost: it is inferred from what the domain was before and is afterwards, so its
    /// detail is not known, and of several events only what they led to.
    /// </summary>
    public bool Missed { get; }

    /// <summary>The domain's name.</summary>
    public string Name => Domain.Name;

    /// <summary>The domain right after it.</summary>
    public VirtDomain Domain { get; }

    /// <summary>The host it happened on.</summary>
    public VirtHost VirtHost { get; }

    string IDomainEventColumns.TimeText => Timestamp.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    DomainState IDomainEventColumns.StateAfter => Domain.State;

    /// <summary>The event in words.</summary>
    public override string ToString() => $"{Name}: {Kind} ({Detail})";
}
