namespace Virt.Daemon.Hosting;

/// <summary>
/// Gives memory back that work has made the daemon take, a moment after it: after the start, after clients came or went and domains
/// changed. By itself the runtime would keep it for the next that needs it. Where that frees little, the next try comes later.
/// </summary>
internal sealed class MemoryTrim : IDisposable
{
    private const long WorthIt = 8L << 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    private readonly Timer _timer;
    private TimeSpan _pause = Soon;
    private long _least;
    private int _awaited;

    public MemoryTrim() => _timer = new Timer(_ => Trim());

    /// <summary>Something was done.</summary>
    public void Changed()
    {
        if (Interlocked.Exchange(ref _awaited, 1) == 0)
            _timer.Change(_pause, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Trim()
    {
        Volatile.Write(ref _awaited, 0);
        long before = Committed();
        _least = Math.Min(_least, before);
        if (before - _least < WorthIt)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long after = Committed();
        _least = _least == 0 ? after : Math.Min(_least, after);
        _pause = before - after >= WorthIt / 2 ? Soon : _pause * 2 < Late ? _pause * 2 : Late;
    }

    // As of the last collection; a heap that has grown since is seen by its size.
    private static long Committed() => Math.Max(GC.GetGCMemoryInfo().TotalCommittedBytes, GC.GetTotalMemory(forceFullCollection: false));
}
