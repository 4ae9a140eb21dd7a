namespace Virt.Drivers.Test;

/// <summary>How the test driver behaves.</summary>
public sealed record TestDriverOptions
{
    /// <summary>How long a simulated guest takes from the power button to being off, or to its reboot.</summary>
    public TimeSpan GuestDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The clock of guests, events and counters.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether <c>test:///PATH</c> may read a file. A process that opens URIs for others turns it off.</summary>
    public bool FilesAllowed { get; init; } = true;

    /// <summary>The most domains that <c>?domains=N</c> may ask for. Each takes about 1 KiB.</summary>
    public int MaximumGenerated { get; init; } = 1_000_000;
}
