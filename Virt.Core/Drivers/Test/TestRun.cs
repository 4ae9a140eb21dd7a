using Virt.Domains;

namespace Virt.Drivers.Test;

/// <summary>What the simulated guest has been asked to do and has not done yet.</summary>
internal enum GuestRequest
{
    None,
    Shutdown,
    Reboot,
}

/// <summary>One run of a domain, from its start to its end. Guarded by the domain's lock.</summary>
internal sealed class TestRun(int id, TestDefinition definition, DateTimeOffset startedAt, object? autoDestroyOwner)
{
    private TimeSpan _ranBefore;
    private DateTimeOffset? _runsSince;

    public int Id { get; } = id;

    public TestDefinition Definition { get; set; } = definition;

    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>The connection with which the domain ends, or null.</summary>
    public object? AutoDestroyOwner { get; } = autoDestroyOwner;

    public GuestRequest Request { get; set; }

    /// <summary>The devices that the guest was asked to let go of, by alias.</summary>
    public Dictionary<string, TaskCompletionSource> Releasing { get; } = new(StringComparer.Ordinal);

    /// <summary>Who uses its consoles.</summary>
    public ConsoleUsers Consoles { get; } = new();

    /// <summary>Starts or stops the clock of the virtual CPUs.</summary>
    public void Follow(DomainState state, DateTimeOffset now)
    {
        _ranBefore = Ran(now);
        _runsSince = state == DomainState.Running ? now : null;
    }

    /// <summary>For how long the virtual CPUs have run.</summary>
    public TimeSpan Ran(DateTimeOffset now) =>
        _ranBefore + (_runsSince is { } since && now > since ? now - since : TimeSpan.Zero);
}

/// <summary>A managed save.</summary>
/// <param name="Definition">The definition it was saved with.</param>
/// <param name="Paused">Whether the guest was paused.</param>
internal sealed record TestSavedState(TestDefinition Definition, bool Paused);
