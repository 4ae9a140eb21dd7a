using Virt.Rpc;

namespace Virt.Domains;

/// <summary>What happened to a domain; numbers as libvirt's <c>virDomainEventType</c>.</summary>
public enum DomainEventKind
{
    /// <summary>Defined or redefined.</summary>
    Defined = 0,
    /// <summary>Undefined.</summary>
    Undefined = 1,
    /// <summary>Started.</summary>
    Started = 2,
    /// <summary>Paused.</summary>
    Suspended = 3,
    /// <summary>Resumed.</summary>
    Resumed = 4,
    /// <summary>Off.</summary>
    Stopped = 5,
    /// <summary>The guest or the host has begun to shut it down.</summary>
    Shutdown = 6,
    /// <summary>Suspended by guest power management.</summary>
    PMSuspended = 7,
    /// <summary>The guest crashed.</summary>
    Crashed = 8,
}

/// <summary>Why it happened: libvirt's <c>virDomainEvent*DetailType</c> in one list.</summary>
public enum DomainEventDetail
{
    /// <summary>Not said.</summary>
    None = 0,
    /// <summary>Defined: it is new.</summary>
    Added = 1,
    /// <summary>Defined: a definition was replaced.</summary>
    Updated = 2,
    /// <summary>Defined or undefined: renamed.</summary>
    Renamed = 3,
    /// <summary>Brought about by a snapshot.</summary>
    FromSnapshot = 4,
    /// <summary>Undefined: removed.</summary>
    Removed = 5,
    /// <summary>Started: booted.</summary>
    Booted = 6,
    /// <summary>Migrated in or out.</summary>
    Migrated = 7,
    /// <summary>Restored from a saved state.</summary>
    Restored = 8,
    /// <summary>Woken from guest power management.</summary>
    Wakeup = 9,
    /// <summary>Suspended: by a user or the host.</summary>
    Paused = 10,
    /// <summary>Suspended: a disk I/O error.</summary>
    IOError = 11,
    /// <summary>Suspended: the watchdog.</summary>
    Watchdog = 12,
    /// <summary>Resumed: from a pause.</summary>
    Unpaused = 13,
    /// <summary>Stopped: the guest shut down.</summary>
    Shutdown = 14,
    /// <summary>Stopped: turned off by the host.</summary>
    Destroyed = 15,
    /// <summary>Stopped: the guest crashed.</summary>
    Crashed = 16,
    /// <summary>Stopped: its state was saved.</summary>
    Saved = 17,
    /// <summary>Stopped: QEMU failed.</summary>
    Failed = 18,
    /// <summary>Shutdown: begun by the guest.</summary>
    Guest = 19,
    /// <summary>Shutdown: begun by the host.</summary>
    Host = 20,
    /// <summary>PMSuspended: to memory (S3).</summary>
    Memory = 21,
    /// <summary>PMSuspended: to disk (S4).</summary>
    Disk = 22,
    /// <summary>Crashed: the guest's kernel panicked.</summary>
    Panicked = 23,
    /// <summary>Shutdown: the guest is down; the process still has to end.</summary>
    Finished = 24,
}

/// <summary>A lifecycle event.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Detail">Why.</param>
/// <param name="Timestamp">When the daemon saw it.</param>
/// <param name="Domain">The domain right after it.</param>
[Wire]
public sealed record DomainLifecycleEvent(
    DomainEventKind Kind, DomainEventDetail Detail, DateTimeOffset Timestamp, DomainRecord Domain);
