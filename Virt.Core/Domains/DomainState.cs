namespace Virt.Domains;

/// <summary>The state of a domain; numbers as libvirt's <c>virDomainState</c>.</summary>
public enum DomainState
{
    /// <summary>Not known.</summary>
    NoState = 0,
    /// <summary>Running.</summary>
    Running = 1,
    /// <summary>Blocked on a resource.</summary>
    Blocked = 2,
    /// <summary>Paused: its virtual CPUs do not run.</summary>
    Paused = 3,
    /// <summary>Shutting down: still there, no longer running.</summary>
    Shutdown = 4,
    /// <summary>Off.</summary>
    Shutoff = 5,
    /// <summary>Crashed: the guest panicked.</summary>
    Crashed = 6,
    /// <summary>Suspended by the guest's own power management (S3).</summary>
    PMSuspended = 7,
}
