using System.Diagnostics;

namespace Virt.Rpc;

/// <summary>
/// Cuts a peer off that lives but holds this side up: one that lets a frame drip in, and one that takes nothing of what waits for
/// it. Both may be slow, but not slower than a rate.
/// </summary>
internal sealed class StallWatch : IDisposable
{
    private const int ChecksPerSpan = 4;

    private readonly TimeSpan _patience;
    private readonly int _rate;
    private readonly SendQueue _queue;
    private readonly Action<string> _abort;
    private readonly Timer? _timer;
    private long _frame;
    private long _since;
    private long _bytes;

    public StallWatch(RpcConnectionOptions options, SendQueue queue, Action<string> abort)
    {
        _patience = options.StallTime;
        _rate = options.MinimumRate;
        _queue = queue;
        _abort = abort;
        if (_patience > TimeSpan.Zero)
            _timer = new Timer(static state => ((StallWatch)state!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start() => _timer?.Change(_patience / ChecksPerSpan, _patience / ChecksPerSpan);

    /// <summary>Something was received.</summary>
    /// <param name="frame">The number of the frame that is coming in.</param>
    /// <param name="bytes">What has come of it; 0 when none is coming.</param>
    public void Received(long frame, int bytes)
    {
        if (bytes == 0)
        {
            Volatile.Write(ref _since, 0);
            return;
        }

        Volatile.Write(ref _bytes, bytes);
        if (Volatile.Read(ref _since) != 0 && _frame == frame)
            return;
        _frame = frame;
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
    }

    /// <summary>This side reads no more for now, so it is not the peer's fault that nothing comes.</summary>
    public void Paused() => Volatile.Write(ref _since, 0);

    public void Dispose() => _timer?.Dispose();

    private void Check()
    {
        long since = Volatile.Read(ref _since), bytes = Volatile.Read(ref _bytes);
        if (since != 0 && Stopwatch.GetElapsedTime(since) is var took && took > _patience + TimeSpan.FromSeconds((double)bytes / _rate))
            _abort(FormattableString.Invariant($"the peer is too slow: {bytes} bytes of a frame came in {took.TotalSeconds:0.###} s"));
        else if (_queue.WritingSince is var writing and not 0 && Stopwatch.GetElapsedTime(writing) > _patience)
            _abort(FormattableString.Invariant($"the peer does not read: {_queue.Bytes >> 10} KiB wait to be sent to it since {_patience.TotalSeconds:0.###} s"));
    }
}
