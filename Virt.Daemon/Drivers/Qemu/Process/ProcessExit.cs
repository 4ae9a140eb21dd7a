namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>How a process ended; both null when it was not our child, so that the kernel told someone else.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Signal">The signal that ended it.</param>
internal readonly record struct ProcessExit(int? Status, int? Signal)
{
    /// <summary>Ended, it is not known how.</summary>
    public static ProcessExit Unknown => default;

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { Status: { } status } => $"exit status {status}",
        { Signal: { } signal } => $"killed by signal {signal}",
        _ => "ended",
    };
}
