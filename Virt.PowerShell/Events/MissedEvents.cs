using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>
/// Knows the domains of a host as their events told, and infers what must have happened while nobody was told: of several events
/// in between only what they led to.
/// </summary>
internal sealed class MissedEvents
{
    private readonly Dictionary<Guid, DomainRecord> _known = [];

    /// <summary>Takes note of an event.</summary>
    public void Note(DomainLifecycleEvent happened)
    {
        DomainRecord domain = happened.Domain;
        bool gone = happened.Kind switch
        {
            DomainEventKind.Undefined => happened.Detail != DomainEventDetail.Renamed && !domain.IsActive,
            DomainEventKind.Stopped => !domain.Persistent,
            _ => false,
        };
        if (gone)
            _known.Remove(domain.Uuid);
        else
            _known[domain.Uuid] = domain;
    }

    /// <summary>Takes the domains as they are now; returns the events that explain the difference, oldest first for each domain.</summary>
    /// <param name="now">All domains of the host.</param>
    /// <param name="told">Domains of which nothing is to be inferred.</param>
    public IReadOnlyList<DomainLifecycleEvent> Compare(IReadOnlyList<DomainRecord> now, IReadOnlySet<Guid> told)
    {
        var missed = new List<DomainLifecycleEvent>();
        HashSet<Guid> there = [.. now.Select(domain => domain.Uuid)];
        foreach (DomainRecord before in _known.Values.Where(domain => !there.Contains(domain.Uuid)).ToArray())
        {
            _known.Remove(before.Uuid);
            if (!told.Contains(before.Uuid))
                missed.AddRange(Removed(before));
        }

        foreach (DomainRecord domain in now)
        {
            _known.TryGetValue(domain.Uuid, out DomainRecord? before);
            _known[domain.Uuid] = domain;
            if (!told.Contains(domain.Uuid))
                missed.AddRange(Between(before, domain));
        }

        return missed;
    }

    /// <summary>An event for what a domain is now, whatever it was before.</summary>
    /// <param name="now">The domain; null when it is gone.</param>
    /// <param name="before">The domain as it was last known.</param>
    public static IEnumerable<DomainLifecycleEvent> LeadingTo(DomainRecord? now, DomainRecord before) => now switch
    {
        null => Removed(before),
        { IsActive: false } => [Event(DomainEventKind.Stopped, now)],
        _ => [Event(KindOf(now.State) ?? DomainEventKind.Started, now)],
    };

    private static IEnumerable<DomainLifecycleEvent> Removed(DomainRecord before)
    {
        DomainRecord gone = before with { Id = null, State = DomainState.Shutoff, Reason = DomainStateReason.Unknown };
        if (before.IsActive)
            yield return Event(DomainEventKind.Stopped, gone);
        if (before.Persistent)
            yield return Event(DomainEventKind.Undefined, gone, DomainEventDetail.Removed);
    }

    private static IEnumerable<DomainLifecycleEvent> Between(DomainRecord? before, DomainRecord now)
    {
        if (before is null && now.Persistent)
            yield return Event(DomainEventKind.Defined, now, DomainEventDetail.Added);
        else if (before is not null && before.Name != now.Name)
            yield return Event(DomainEventKind.Defined, now, DomainEventDetail.Renamed);

        if (before is { IsActive: true } && before.Id != now.Id)
            yield return Event(DomainEventKind.Stopped, now);
        bool started = now.IsActive && before?.Id != now.Id;
        if (started)
            yield return Event(DomainEventKind.Started, now);
        if (now.IsActive && now.State != (started ? DomainState.Running : before!.State) && KindOf(now.State) is { } kind)
            yield return Event(kind, now);
    }

    private static DomainLifecycleEvent Event(
        DomainEventKind kind, DomainRecord domain, DomainEventDetail detail = DomainEventDetail.None) =>
        new(kind, detail, DateTimeOffset.UtcNow, domain);

    private static DomainEventKind? KindOf(DomainState state) => state switch
    {
        DomainState.Running => DomainEventKind.Resumed,
        DomainState.Paused => DomainEventKind.Suspended,
        DomainState.Shutdown => DomainEventKind.Shutdown,
        DomainState.Crashed => DomainEventKind.Crashed,
        DomainState.PMSuspended => DomainEventKind.PMSuspended,
        _ => null,
    };
}
