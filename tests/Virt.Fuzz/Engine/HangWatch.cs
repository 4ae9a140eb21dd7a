namespace Virt.Fuzz.Engine;

/// <summary>Notices an input that does not come to an end, even when it keeps its thread.</summary>
internal sealed class HangWatch : IDisposable
{
    private readonly Timer _timer;
    private readonly TimeSpan _limit;
    private readonly TaskCompletionSource<byte[]> _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _input;
    private long _since;

    public HangWatch(TimeSpan limit)
    {
        _limit = limit;
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Completes with the input that hangs.</summary>
    public Task<byte[]> Hung => _hung.Task;

    public void Begin(byte[] input)
    {
        Volatile.Write(ref _since, Environment.TickCount64);
        Volatile.Write(ref _input, input);
    }

    public void End() => Volatile.Write(ref _input, null);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Volatile.Read(ref _input) is { } input && Environment.TickCount64 - Volatile.Read(ref _since) > _limit.TotalMilliseconds)
            _hung.TrySetResult(input);
    }
}
