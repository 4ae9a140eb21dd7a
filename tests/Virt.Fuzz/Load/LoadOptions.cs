namespace Virt.Fuzz.Load;

/// <summary>How many clients of which kind, and for how long.</summary>
/// <param name="Clients">All that are connected at once.</param>
/// <param name="Busy">Of these, those that call all the time.</param>
/// <param name="Hostile">Of these, those that do what no client should.</param>
/// <param name="Time">How long each phase lasts.</param>
internal sealed record LoadOptions(int Clients, int Busy, int Hostile, TimeSpan Time)
{
    /// <summary>How much more memory than before the daemon may have when all is over, in bytes.</summary>
    public long MemoryBound { get; init; } = 96L << 20;

    /// <summary>How many log lines a connection may cost.</summary>
    public double LinesPerConnection { get; init; } = 5;
}
