namespace Virt.Daemon.Rpc;

/// <summary>So many in a span of time; the others are counted.</summary>
internal sealed class Burst(int most, TimeSpan span, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private long _since = long.MinValue;
    private int _taken;
    private long _suppressed;

    /// <summary>Whether the span is over and nothing is left to tell.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _suppressed == 0 && (_since == long.MinValue || _time.GetElapsedTime(_since) >= span);
        }
    }

    /// <summary>How many were refused and not told of yet.</summary>
    public long TakeSuppressed()
    {
        lock (_gate)
        {
            long suppressed = _suppressed;
            _suppressed = 0;
            return suppressed;
        }
    }

    /// <summary>Takes one.</summary>
    /// <param name="suppressed">How many were refused in the span that has just ended; else 0.</param>
    public bool TryTake(out long suppressed)
    {
        lock (_gate)
        {
            suppressed = 0;
            long now = _time.GetTimestamp();
            if (_since == long.MinValue || _time.GetElapsedTime(_since, now) >= span)
            {
                _since = now;
                _taken = 0;
                (suppressed, _suppressed) = (_suppressed, 0);
            }

            if (_taken >= most)
            {
                _suppressed++;
                return false;
            }

            _taken++;
            return true;
        }
    }
}
