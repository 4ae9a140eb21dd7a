using Virt.Domains;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class MissedEventsTests
{
    private static readonly HashSet<Guid> Nobody = [];

    private static readonly DomainRecord Off = new(
        "a", Guid.NewGuid(), null, DomainState.Shutoff, DomainStateReason.Unknown, 1, 1, 1, 1, true, false, false, false, null, null,
        null, TimeSpan.Zero, "test", "x86_64", "test");

    private static readonly DomainRecord On = Off with { Id = 1, State = DomainState.Running };

    public static TheoryData<string, DomainRecord?, DomainRecord?> Differences => new()
    {
        { "", On, On },
        { "", Off, Off with { Title = "new" } },
        { "Defined/Added", null, Off },
        { "Defined/Added Started/None", null, On },
        { "Started/None", null, On with { Persistent = false } },
        { "Undefined/Removed", Off, null },
        { "Stopped/None Undefined/Removed", On, null },
        { "Stopped/None", On with { Persistent = false }, null },
        { "Started/None", Off, On },
        { "Stopped/None", On, Off },
        { "Stopped/None Started/None", On, On with { Id = 2 } },
        { "Started/None Suspended/None", Off, On with { State = DomainState.Paused } },
        { "Suspended/None", On, On with { State = DomainState.Paused } },
        { "Resumed/None", On with { State = DomainState.Paused }, On },
        { "Crashed/None", On, On with { State = DomainState.Crashed } },
        { "Defined/Renamed", Off, Off with { Name = "b" } },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_difference_is_explained_by_events(string events, DomainRecord? before, DomainRecord? now)
    {
        var missed = new MissedEvents();
        missed.Compare(before is null ? [] : [before], Nobody);
        Assert.Equal(events, string.Join(' ', missed.Compare(now is null ? [] : [now], Nobody).Select(e => $"{e.Kind}/{e.Detail}")));
        Assert.Empty(missed.Compare(now is null ? [] : [now], Nobody));
    }

    [Fact]
    public void What_events_have_told_is_not_inferred_again()
    {
        var missed = new MissedEvents();
        missed.Compare([Off], Nobody);
        missed.Note(new DomainLifecycleEvent(DomainEventKind.Started, DomainEventDetail.Booted, default, On));
        Assert.Empty(missed.Compare([On], Nobody));
        Assert.Empty(missed.Compare([Off], new HashSet<Guid> { Off.Uuid }));
        Assert.Empty(missed.Compare([Off], Nobody));
    }

    [Fact]
    public void A_transient_domain_that_stopped_is_forgotten()
    {
        var missed = new MissedEvents();
        DomainRecord transient = On with { Persistent = false };
        missed.Compare([transient], Nobody);
        missed.Note(new DomainLifecycleEvent(
            DomainEventKind.Stopped, DomainEventDetail.Destroyed, default, transient with { Id = null, State = DomainState.Shutoff }));
        Assert.Empty(missed.Compare([], Nobody));
    }
}
