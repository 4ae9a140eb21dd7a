namespace Virt.Domains;

/// <summary>
/// Why a domain is in its state: libvirt's reasons (<c>virDomainRunningReason</c>, <c>virDomainPausedReason</c>,
/// <c>virDomainShutoffReason</c>, ...), in one list because their names do not contradict each other.
/// </summary>
public enum DomainStateReason
{
    /// <summary>Not known.</summary>
    Unknown = 0,
    /// <summary>Running: normal boot.</summary>
    Booted = 1,
    /// <summary>Running or off: moved from or to another host.</summary>
    Migrated = 2,
    /// <summary>Running: restored from a saved state.</summary>
    Restored = 3,
    /// <summary>Brought to this state by reverting to a snapshot.</summary>
    FromSnapshot = 4,
    /// <summary>Running: resumed from pause.</summary>
    Unpaused = 5,
    /// <summary>Running: a migration was cancelled.</summary>
    MigrationCanceled = 6,
    /// <summary>Running: a save was cancelled.</summary>
    SaveCanceled = 7,
    /// <summary>Running: woken from guest power management.</summary>
    Wakeup = 8,
    /// <summary>The guest or QEMU crashed.</summary>
    Crashed = 9,
    /// <summary>Running or paused in post-copy migration.</summary>
    Postcopy = 10,
    /// <summary>Post-copy migration failed.</summary>
    PostcopyFailed = 11,
    /// <summary>Paused or shutting down: a user asked for it.</summary>
    User = 12,
    /// <summary>Paused for migration.</summary>
    Migration = 13,
    /// <summary>Paused to save.</summary>
    Save = 14,
    /// <summary>Paused for a core dump.</summary>
    Dump = 15,
    /// <summary>Paused: a disk I/O error.</summary>
    IOError = 16,
    /// <summary>Paused by the watchdog.</summary>
    Watchdog = 17,
    /// <summary>Paused while shutting down.</summary>
    ShuttingDown = 18,
    /// <summary>Paused to take a snapshot.</summary>
    Snapshot = 19,
    /// <summary>Paused because it is just starting.</summary>
    StartingUp = 20,
    /// <summary>Off: the guest shut itself down.</summary>
    Shutdown = 21,
    /// <summary>Off: turned off by the host.</summary>
    Destroyed = 22,
    /// <summary>Off: its state was saved.</summary>
    Saved = 23,
    /// <summary>Off: it could not be started.</summary>
    Failed = 24,
    /// <summary>Off: the daemon does not know how it went off.</summary>
    Daemon = 25,
    /// <summary>Crashed: the guest's kernel panicked.</summary>
    Panicked = 26,
}
