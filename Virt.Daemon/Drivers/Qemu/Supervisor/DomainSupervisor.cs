using Virt.Daemon.Drivers.Qemu.Logs;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>
/// One domain: its definition, its run, and the record that lists show. All changes of state go through here, so that record,
/// status file and events agree and keep their order. The lock is held for moments, never across an await.
/// </summary>
internal sealed class DomainSupervisor
{
    private readonly Lock _lock = new();
    private readonly QemuServices _services;
    private volatile DomainRecord _record;
    private volatile StoredDefinition? _config;
    private volatile GuestRun? _run;
    private volatile bool _published;
    private volatile bool _removed;

    /// <summary>A domain that is off; nobody sees it until it is published.</summary>
    public DomainSupervisor(QemuServices services, StoredDefinition definition)
    {
        _services = services;
        Uuid = definition.Uuid;
        _record = definition.Describe(new DomainRecord(
            definition.Name, definition.Uuid, null, DomainState.Shutoff, DomainStateReason.Unknown, 0, 0, 0, 0, false, false, false, false,
            null, null, null, TimeSpan.Zero, string.Empty, string.Empty, string.Empty));
    }

    /// <summary>Its identity.</summary>
    public Guid Uuid { get; }

    /// <summary>Its name.</summary>
    public string Name => _record.Name;

    /// <summary>Its job slot.</summary>
    public DomainJobs Jobs { get; } = new();

    /// <summary>The record as last changed; the CPU time in it is that of the run's beginning.</summary>
    public DomainRecord Record => _record;

    /// <summary>The persistent definition; null when it is transient.</summary>
    public StoredDefinition? Config => _config;

    /// <summary>The run; null when it is off.</summary>
    public GuestRun? Run => _run;

    /// <summary>Whether lookups and lists find it.</summary>
    public bool IsPublished => _published;

    /// <summary>Whether it has been taken out of the table.</summary>
    public bool IsRemoved => _removed;

    /// <summary>The services it shares.</summary>
    public QemuServices Services => _services;

    /// <summary>The record with the CPU time of now.</summary>
    public DomainRecord Snapshot()
    {
        DomainRecord record = _record;
        return record.IsActive && _run?.Process?.ReadTimes() is { } times ? record with { CpuTime = times.Total } : record;
    }

    /// <summary>The run.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationInvalid"/> when it is off.</exception>
    public GuestRun RequireRun() => _run ?? throw Invalid("is not running", "Start it first.");

    /// <summary>Runs a change in the job slot that must not be given up because others hold the slot for long.</summary>
    public async Task RunJobAsync(string job, Func<Task> change, TimeSpan limit) =>
        await HoldAsync(await Jobs.AcquireAsync(Name, job, limit, _services.Stopping).ConfigureAwait(false), change).ConfigureAwait(false);

    /// <summary>Runs a change in the job slot. A caller that stops waiting leaves the change to finish.</summary>
    public async Task RunJobAsync(string job, Func<Task> change, CancellationToken cancel)
    {
        IDisposable lease = await Jobs.AcquireAsync(Name, job, cancel).ConfigureAwait(false);
        Task running = HoldAsync(lease, change);
        if (!running.IsCompleted)
            await running.WaitAsync(cancel).ConfigureAwait(false);
        await running.ConfigureAwait(false);
    }

    /// <summary>Changes what it is under the lock.</summary>
    public void Update(Action change)
    {
        lock (_lock)
            change();
    }

    /// <summary>Lets others see it.</summary>
    public void Publish() => _published = true;

    /// <summary>Takes it out of the table.</summary>
    public void Remove()
    {
        _removed = true;
        _published = false;
        _services.Table.Remove(this);
    }

    /// <summary>Gives it a persistent definition, or takes it away; the record follows when it is off.</summary>
    public void SetConfig(StoredDefinition? config, (DomainEventKind Kind, DomainEventDetail Detail)? happened = null)
    {
        lock (_lock)
        {
            _config = config;
            DomainRecord record = _record with { Persistent = config is not null, Autostart = config is not null && _record.Autostart };
            _record = config is not null && _run is null ? config.Describe(record) : record;
            if (happened is { } lifecycle)
                _services.Events.Publish(lifecycle.Kind, lifecycle.Detail, _record);
        }
    }

    /// <summary>Changes the record, not the state.</summary>
    public void SetRecord(Func<DomainRecord, DomainRecord> change)
    {
        lock (_lock)
            _record = change(_record);
    }

    /// <summary>Reports an event that is no change of state.</summary>
    public void Report(DomainEventKind kind, DomainEventDetail detail)
    {
        lock (_lock)
            _services.Events.Publish(kind, detail, _record);
    }

    /// <summary>Begins a run that is about to start.</summary>
    /// <exception cref="VirtException">It cannot be written down, and there is no run.</exception>
    public void Attach(GuestRun run, DomainState state, DomainStateReason reason)
    {
        lock (_lock)
        {
            DomainRecord record = Describe(run, state, reason);
            // What no later daemon would find must not be started.
            SaveStatus(run, record);
            (_run, _record) = (run, record);
        }
    }

    /// <summary>Takes over a run that is there, whether or not it can be written down.</summary>
    public void Adopt(GuestRun run, DomainState state, DomainStateReason reason)
    {
        lock (_lock)
        {
            (_run, _record) = (run, Describe(run, state, reason));
            TrySaveStatus(run);
        }
    }

    /// <summary>Changes the state of a run and reports it; nothing happens when the run has ended meanwhile.</summary>
    public void SetState(
        GuestRun run, DomainState state, DomainStateReason reason, DomainEventKind? kind = null, DomainEventDetail detail = DomainEventDetail.None)
    {
        lock (_lock)
        {
            if (_run != run)
                return;
            _record = _record with { State = state, Reason = reason };
            TrySaveStatus(run);
            if (kind is { } happened)
                _services.Events.Publish(happened, detail, _record);
        }
    }

    /// <summary>Moves a run to its next phase.</summary>
    public void SetPhase(GuestRun run, RunPhase phase)
    {
        lock (_lock)
        {
            run.Phase = phase;
            if (_run == run)
                TrySaveStatus(run);
        }
    }

    /// <summary>Notes whether the guest's next power off is half of a reboot.</summary>
    public void SetRebooting(GuestRun run, bool rebooting)
    {
        lock (_lock)
        {
            if (run.Rebooting == rebooting)
                return;
            run.Rebooting = rebooting;
            if (_run == run)
                TrySaveStatus(run);
        }
    }

    /// <summary>Takes a changed live definition.</summary>
    public void SetLive(GuestRun run, StoredDefinition live, long memory)
    {
        lock (_lock)
        {
            if (_run != run)
                return;
            run.Live = live;
            run.Memory = memory;
            _record = live.Describe(_record) with { Memory = memory };
            TrySaveStatus(run);
        }
    }

    /// <summary>Keeps the files to which a run appends from growing without end.</summary>
    public void WatchLogs(GuestRun run) =>
        _services.Logs.Watch(Uuid, [_services.Folders.LogOf(Name), .. LogKeeper.FilesOf(run.ParseLive().Root)]);

    /// <summary>Writes down a live definition before it is in force, so that a daemon that takes over finds what was under way.</summary>
    public void Announce(GuestRun run, StoredDefinition intended)
    {
        lock (_lock)
        {
            if (_run == run)
                SaveStatus(run, _record, intended);
        }
    }

    /// <summary>Ends a run: the domain is off, or gone when it was transient.</summary>
    public void Detach(GuestRun run, DomainStateReason reason, DomainEventDetail? detail)
    {
        lock (_lock)
        {
            if (_run != run)
                return;
            DeleteStatus();
            _services.Logs.Forget(Uuid);
            _run = null;
            DomainRecord off = _record with
            {
                Id = null, State = DomainState.Shutoff, Reason = reason, StartedAt = null, CpuTime = TimeSpan.Zero,
                HasSavedState = _config is not null && _services.SavedStates.Exists(Name),
            };
            _record = _config?.Describe(off) ?? off;
            if (_config is null)
                Remove();
            if (detail is { } why)
                _services.Events.Publish(DomainEventKind.Stopped, why, _record);
        }

        run.SetEnded();
    }

    /// <summary>An error about the state it is in.</summary>
    public VirtException Invalid(string what, string? action = null) =>
        VirtException.Create(VirtErrorCode.OperationInvalid, $"domain '{Name}' {what}", Name, action);

    private async Task HoldAsync(IDisposable lease, Func<Task> change)
    {
        using (lease)
        {
            // A change writes to the disk: who reads a client's calls goes on with the next one.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            if (_removed)
                throw VirtException.Create(VirtErrorCode.NoDomain, $"domain '{Name}' is gone", Name, "Get-VirtDomain -All lists the domains.");
            await change().ConfigureAwait(false);
        }
    }

    // The guest's state is what it is, whether or not it can be written down.
    private void TrySaveStatus(GuestRun run)
    {
        try
        {
            SaveStatus(run, _record);
        }
        catch (VirtException failed)
        {
            QemuLog.TaskFailed(_services.Logger, Name, "writing its status", failed.Message);
        }
    }

    private void DeleteStatus()
    {
        try
        {
            _services.Statuses.Delete(Name, Uuid);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            QemuLog.TaskFailed(_services.Logger, Name, "removing its status", failed.Message);
        }
    }

    private DomainRecord Describe(GuestRun run, DomainState state, DomainStateReason reason) => run.Live.Describe(_record) with
    {
        Id = run.Id, State = state, Reason = reason, StartedAt = run.StartedAt, Memory = run.Memory,
    };

    private void SaveStatus(GuestRun run, DomainRecord record, StoredDefinition? intended = null)
    {
        ProcessIdentity? process = run.Process?.Identity;
        _services.Statuses.Save(new RunStatus(
            RunStatus.CurrentFormat, Name, Uuid, run.Id, run.Phase, process?.Pid ?? 0, process?.StartTicks ?? 0,
            process?.BootId ?? ProcessIdentity.CurrentBootId, record.State, record.Reason, run.StartedAt, run.StartPaused,
            run.AutoDestroy, run.Rebooting, run.Memory, run.Folder, (intended ?? run.Live).Xml));
    }
}
