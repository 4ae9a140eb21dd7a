namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>What a monitor may send and how long it may take.</summary>
internal static class QmpLimits
{
    /// <summary>The longest message, in bytes.</summary>
    public const int MaximumLine = 16 * 1024 * 1024;

    /// <summary>The deepest nesting of a message.</summary>
    public const int MaximumDepth = 64;

    /// <summary>The receive buffer of an idle monitor, in bytes.</summary>
    public const int InitialBuffer = 4096;

    /// <summary>The time a command has unless it is given another.</summary>
    public static TimeSpan CommandTime { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a monitor that is asked may say nothing before whoever only wants to know does without it.</summary>
    public static TimeSpan SilenceTime { get; } = TimeSpan.FromSeconds(1);
}
