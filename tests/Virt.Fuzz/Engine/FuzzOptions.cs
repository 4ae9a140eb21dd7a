namespace Virt.Fuzz.Engine;

/// <summary>How long and from where to fuzz.</summary>
/// <param name="Count">The most inputs.</param>
/// <param name="Seed">Where the random numbers begin: the same seed and corpus make the same inputs.</param>
internal sealed record FuzzOptions(long Count, int Seed = 1)
{
    /// <summary>The longest time; null for no limit.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>The folder with a corpus folder for each target; null for the seeds in the code alone.</summary>
    public string? Corpus { get; init; }

    /// <summary>Where inputs that found something are written; null for nowhere.</summary>
    public string? Findings { get; init; }

    /// <summary>The longest that one input may take on a busy machine.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether nothing else works in this process: what a run allocates is then counted on all threads. Where others work too, only
    /// runs that do not await are counted.
    /// </summary>
    public bool Alone { get; init; }

    /// <summary>The longest input that is made.</summary>
    public int LongestInput { get; init; } = 64 * 1024;

    /// <summary>Different findings after which a run ends.</summary>
    public int MostFindings { get; init; } = 50;
}
