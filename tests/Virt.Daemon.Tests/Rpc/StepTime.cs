namespace Virt.Tests.Daemon.Rpc;

/// <summary>A clock that a test moves.</summary>
internal sealed class StepTime : TimeProvider
{
    private long _now = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Step(TimeSpan span) => _now += span.Ticks;

    public override long GetTimestamp() => _now;
}
