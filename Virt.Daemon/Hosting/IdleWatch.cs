namespace Virt.Daemon.Hosting;

/// <summary>Notices that the daemon has had nothing to do for a while: no clients, no active domains.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly Func<bool> _isBusy;
    private readonly TimeSpan _patience;
    private readonly Timer _timer;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins to watch.</summary>
    public IdleWatch(Func<bool> isBusy, TimeSpan patience)
    {
        _isBusy = isBusy;
        _patience = patience;
        _timer = new Timer(_ => OnTime());
        Changed();
    }

    /// <summary>Completes when there has been nothing to do for so long.</summary>
    public Task Idle => _idle.Task;

    /// <summary>A client came or went, a domain started or stopped.</summary>
    public void Changed() => _timer.Change(_isBusy() ? Timeout.InfiniteTimeSpan : _patience, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();

    private void OnTime()
    {
        if (!_isBusy())
            _idle.TrySetResult();
    }
}
