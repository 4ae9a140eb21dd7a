using Virt.Domains;
using Virt.Errors;

namespace Virt.Drivers.Test;

internal sealed partial class TestDomain
{
    public DomainRecord Start(StartOptions options, object connection) => Act(() =>
    {
        if (_run is not null)
            throw TestErrors.AlreadyActive(Name);
        if ((options & StartOptions.ForceBoot) != 0)
            _saved = null;
        if (_saved is { } saved)
            Restore(saved, options, connection);
        else
            Boot(_config!, options, connection);
    });

    /// <summary>Boots with a definition of its own, beside the configuration that stays; a managed save is left alone.</summary>
    public DomainRecord Create(TestDefinition definition, StartOptions options, object connection) => Act(() =>
    {
        if (_run is not null)
            throw TestErrors.AlreadyActive(Name);
        Boot(definition, options, connection);
    });

    public DomainRecord Shutdown(ShutdownMode mode) => Act(() =>
    {
        TestRun run = RequireRun();
        if (_state != DomainState.Running)
            throw TestErrors.NotRunning(Name, Word(_state));
        Ask(run, GuestRequest.Shutdown, mode);
    });

    public DomainRecord Reboot(ShutdownMode mode) => Act(() => Ask(RequireRun(), GuestRequest.Reboot, mode));

    public DomainRecord Reset() => Act(() =>
    {
        TestRun run = RequireRun();
        run.Request = GuestRequest.None;
        if (_state == DomainState.Crashed)
            Enter(DomainState.Paused, DomainStateReason.Crashed);
        else if (run.Definition.OnReboot == LifecycleAction.Destroy)
            End(DomainEventDetail.Host, DomainStateReason.Shutdown, DomainEventDetail.Shutdown);
    });

    public DomainRecord Destroy() => Act(() =>
    {
        _ = RequireRun();
        End(DomainEventDetail.Host, DomainStateReason.Destroyed, DomainEventDetail.Destroyed);
    });

    /// <summary>Destroys the domain when it was started to end with this connection.</summary>
    public void AutoDestroy(object connection)
    {
        if (Volatile.Read(ref _run)?.AutoDestroyOwner != connection)
            return;
        Act(() =>
        {
            if (_run?.AutoDestroyOwner == connection)
                End(DomainEventDetail.Host, DomainStateReason.Destroyed, DomainEventDetail.Destroyed);
        });
    }

    public DomainRecord Suspend() => Act(() =>
    {
        _ = RequireRun();
        if (_state == DomainState.PMSuspended)
            throw TestErrors.NotRunning(Name, Word(_state));
        if (_state != DomainState.Running)
            return;
        Enter(DomainState.Paused, DomainStateReason.User);
        Tell(DomainEventKind.Suspended, DomainEventDetail.Paused);
    });

    public DomainRecord Resume() => Act(() =>
    {
        TestRun run = RequireRun();
        switch (_state)
        {
            case DomainState.Running:
                throw TestErrors.Invalid(Name, $"the domain '{Name}' is running already", "Suspend it first.");
            case DomainState.PMSuspended:
                throw TestErrors.Invalid(
                    Name, $"the domain '{Name}' is suspended by its own power management", "Wake it up, or turn it off.");
        }

        Enter(DomainState.Running, DomainStateReason.Unpaused);
        Tell(DomainEventKind.Resumed, DomainEventDetail.Unpaused);
        if (run.Request != GuestRequest.None)
            _host.AfterGuestDelay(() => Answer(run));
        if (run.Releasing.Count > 0)
            _host.AfterGuestDelay(() => Release(run));
    });

    public DomainRecord Save() => Act(() =>
    {
        TestRun run = RequireRun();
        if (_config is null)
            throw TestErrors.Transient(Name, "it cannot have a managed save");
        if (run.AutoDestroyOwner is not null)
        {
            throw TestErrors.Invalid(
                Name, $"the domain '{Name}' ends with the connection that started it, so it cannot be saved", "Start it without that option.");
        }

        bool paused = _state is not (DomainState.Running or DomainState.PMSuspended);
        if (_state == DomainState.PMSuspended)
        {
            Enter(DomainState.Running, DomainStateReason.Wakeup);
            Tell(DomainEventKind.Started, DomainEventDetail.Wakeup);
        }

        if (!paused)
        {
            Enter(DomainState.Paused, DomainStateReason.Save);
            Tell(DomainEventKind.Suspended, DomainEventDetail.Paused);
        }

        _saved = new TestSavedState(run.Definition, paused);
        Off(DomainStateReason.Saved, DomainEventDetail.Saved);
    });

    public DomainRecord RemoveSaved() => Act(() =>
    {
        if (_saved is null)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the domain '{Name}' has no managed save", Name, "Save it first.");
        }

        _saved = null;
    });

    private void Boot(TestDefinition definition, StartOptions options, object connection)
    {
        Begin(definition, options, connection);
        if ((options & StartOptions.Paused) != 0)
        {
            Enter(DomainState.Paused, DomainStateReason.User);
            Tell(DomainEventKind.Started, DomainEventDetail.Booted);
            Tell(DomainEventKind.Suspended, DomainEventDetail.Paused);
        }
        else
        {
            Enter(DomainState.Running, DomainStateReason.Booted);
            Tell(DomainEventKind.Resumed, DomainEventDetail.Unpaused);
            Tell(DomainEventKind.Started, DomainEventDetail.Booted);
        }
    }

    private void Restore(TestSavedState saved, StartOptions options, object connection)
    {
        Begin(saved.Definition, options, connection);
        _saved = null;
        Enter(DomainState.Paused, DomainStateReason.Migration);
        Tell(DomainEventKind.Started, DomainEventDetail.Restored);
        if ((options & StartOptions.Paused) != 0)
        {
            Tell(DomainEventKind.Suspended, DomainEventDetail.Paused);
        }
        else if (saved.Paused)
        {
            Tell(DomainEventKind.Suspended, DomainEventDetail.Restored);
        }
        else
        {
            Enter(DomainState.Running, DomainStateReason.Restored);
            Tell(DomainEventKind.Resumed, DomainEventDetail.FromSnapshot);
        }
    }

    private void Begin(TestDefinition definition, StartOptions options, object connection)
    {
        try
        {
            _host.CheckNetworks(definition);
        }
        catch (VirtException)
        {
            Enter(DomainState.Shutoff, DomainStateReason.Failed);
            throw;
        }

        object? owner = (options & StartOptions.AutoDestroy) != 0 ? connection : null;
        Volatile.Write(ref _run, new TestRun(_host.NextId(), definition, Now, owner));
    }

    /// <summary>Asks the guest, which takes its time, and which may have no ear for it.</summary>
    private void Ask(TestRun run, GuestRequest request, ShutdownMode mode)
    {
        if (mode == ShutdownMode.Agent && !run.Definition.HasAgent)
        {
            throw new VirtException(
                VirtErrorCode.ArgumentUnsupported, $"the domain '{Name}' has no channel for the guest agent", Name,
                "Add the channel org.qemu.guest_agent.0 to its definition, or use ACPI.");
        }

        bool heard = run.Definition.HasAcpi || (mode != ShutdownMode.Acpi && run.Definition.HasAgent);
        if (!heard)
            return;
        bool asked = run.Request != GuestRequest.None;
        run.Request = request;
        if (!asked)
            _host.AfterGuestDelay(() => Answer(run));
    }

    /// <summary>The guest does what it was asked for, unless its run is over or it does not run now; then resuming asks again.</summary>
    private void Answer(TestRun run)
    {
        if (_gone || Volatile.Read(ref _run) != run)
            return;
        Act(() =>
        {
            if (_run != run || _state != DomainState.Running || run.Request == GuestRequest.None)
                return;
            LifecycleAction action = run.Request == GuestRequest.Shutdown ? run.Definition.OnPoweroff : run.Definition.OnReboot;
            run.Request = GuestRequest.None;
            if (action == LifecycleAction.Destroy)
                End(DomainEventDetail.Guest, DomainStateReason.Shutdown, DomainEventDetail.Shutdown);
        });
    }

    private void End(DomainEventDetail by, DomainStateReason reason, DomainEventDetail detail)
    {
        Enter(DomainState.Shutdown, DomainStateReason.User);
        Tell(DomainEventKind.Shutdown, by);
        Off(reason, detail);
    }

    private void Off(DomainStateReason reason, DomainEventDetail detail)
    {
        Volatile.Write(ref _last, _config ?? _run!.Definition);
        foreach (TaskCompletionSource released in _run!.Releasing.Values)
            released.TrySetException(TestErrors.NotActive(Name));
        _run.Consoles.End();
        Volatile.Write(ref _run, null);
        Enter(DomainState.Shutoff, reason);
        _gone = _config is null;
        Tell(DomainEventKind.Stopped, detail);
    }

    private static string Word(DomainState state) => state switch
    {
        DomainState.Paused => "paused",
        DomainState.PMSuspended => "suspended by its own power management",
        DomainState.Crashed => "crashed",
        _ => "shutting down",
    };
}
