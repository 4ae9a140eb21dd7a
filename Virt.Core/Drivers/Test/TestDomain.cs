using Virt.Domains;
using Virt.Errors;

namespace Virt.Drivers.Test;

/// <summary>
/// A domain: its definition, its run and its state. Each call takes the domain's own lock, so calls to different domains do
/// not meet; events are posted under it and delivered outside. The parts: Power (what runs), Definition (what it is).
/// </summary>
internal sealed partial class TestDomain
{
    private readonly Lock _gate = new();
    private readonly TestHost _host;

    private TestDefinition? _config;
    private TestDefinition _last;
    private TestRun? _run;
    private TestSavedState? _saved;
    private DomainState _state = DomainState.Shutoff;
    private DomainStateReason _reason = DomainStateReason.Unknown;
    private bool _autostart;
    private bool _hasSnapshot;
    private volatile bool _gone;
    private DomainRecord? _off;

    /// <summary>A domain that is off. Without a configuration it must be started before anyone sees it.</summary>
    public TestDomain(TestHost host, TestDefinition definition, bool persistent)
    {
        _host = host;
        _last = definition;
        _config = persistent ? definition : null;
        Uuid = definition.Uuid;
    }

    public Guid Uuid { get; }

    public string Name => Volatile.Read(ref _last).Name;

    public int? Id => Volatile.Read(ref _run)?.Id;

    /// <summary>Whether it has ended with its definition; whoever still holds it finds no domain.</summary>
    public bool IsGone => _gone;

    private DateTimeOffset Now => _host.Options.Time.GetUtcNow();

    /// <summary>The record, or null when the domain is gone.</summary>
    public DomainRecord? TryGetRecord()
    {
        // Nothing is being done with one that has it, so that a list of many waits for none.
        if (Volatile.Read(ref _off) is { } off)
            return off;
        lock (_gate)
            return _gone ? null : Shown();
    }

    /// <summary>The counters, or null when the domain is gone or does not pass the filter.</summary>
    public DomainStatistics? TryGetStatistics(Func<DomainRecord, bool> passes, StatisticsGroups groups)
    {
        lock (_gate)
        {
            if (_gone)
                return null;
            DomainRecord record = Shown();
            return passes(record) ? TestStatistics.Read(record, _run, groups, _host.Images, Now) : null;
        }
    }

    /// <summary>Puts a domain of a node file into its first state; no one has seen it yet, so nothing is told.</summary>
    public void Load(TestNodeDomain source)
    {
        lock (_gate)
        {
            _autostart = source.Autostart;
            _hasSnapshot = source.HasSnapshot;
            if (source.HasManagedSave)
                _saved = new TestSavedState(source.Definition, Paused: false);
            if (source.State is DomainState.Shutoff)
            {
                _reason = source.HasManagedSave ? DomainStateReason.Saved : DomainStateReason.Unknown;
                return;
            }

            _run = new TestRun(_host.NextId(), source.Definition, Now, null);
            Enter(source.State, source.State switch
            {
                DomainState.Running => DomainStateReason.Booted,
                DomainState.Paused or DomainState.Shutdown => DomainStateReason.User,
                DomainState.Crashed => DomainStateReason.Panicked,
                _ => DomainStateReason.Unknown,
            });
        }
    }

    /// <summary>Runs one call under the lock and returns the record after it.</summary>
    private DomainRecord Act(Action act)
    {
        try
        {
            lock (_gate)
            {
                ThrowIfGone();
                _off = null;
                act();
                return Record();
            }
        }
        finally
        {
            if (_gone)
                _host.Forget(this);
        }
    }

    // While it is off its record stays the same until something is done with it.
    private DomainRecord Shown() => _run is null ? _off ??= Record() : Record();

    private DomainRecord Record()
    {
        TestDefinition now = _run?.Definition ?? _last;
        return new DomainRecord(
            now.Name, Uuid, _run?.Id, _state, _reason, now.Memory, now.MaximumMemory, now.VCpu, now.MaximumVCpu,
            Persistent: _config is not null, _autostart, HasSavedState: _saved is not null, _hasSnapshot, now.Title, now.Description,
            _run?.StartedAt, _run is null ? TimeSpan.Zero : TestStatistics.CpuTime(_run, Now), now.Type, now.Architecture, now.Machine);
    }

    private void Enter(DomainState state, DomainStateReason reason)
    {
        _state = state;
        _reason = reason;
        _run?.Follow(state, Now);
    }

    private void Tell(DomainEventKind kind, DomainEventDetail detail) =>
        _host.Events.Post(new DomainLifecycleEvent(kind, detail, Now, Record()));

    private TestRun RequireRun() => _run ?? throw TestErrors.NotActive(Name);

    private void ThrowIfGone()
    {
        if (_gone)
            throw TestErrors.NoDomain($"the uuid {Uuid}");
    }
}
