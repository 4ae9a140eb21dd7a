using System.Collections.Concurrent;
using Virt.Daemon.Drivers.Qemu.Process.Native;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>Learns of the end of every guest's process, child or not, on one thread.</summary>
internal sealed class ProcessWatcher : IDisposable
{
    private const long WakeKey = -1;
    private const int Batch = 64;

    private readonly Epoll _epoll = Epoll.Create();
    private readonly WakeEvent _wake = WakeEvent.Create();
    private readonly ConcurrentDictionary<long, Watch> _watches = new();
    private readonly Thread _thread;
    private long _lastKey;
    private volatile bool _disposed;

    public ProcessWatcher()
    {
        _epoll.Add(_wake, WakeKey, EpollInterest.Readable);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "process watcher" };
        _thread.Start();
    }

    /// <summary>Completes when the process ends; a child is reaped. The descriptor stays the caller's.</summary>
    public Task<ProcessExit> WatchAsync(PidFd process)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var watch = new Watch(process, new(TaskCreationOptions.RunContinuationsAsynchronously));
        long key = Interlocked.Increment(ref _lastKey);
        _watches[key] = watch;
        _epoll.Add(process, key, EpollInterest.Readable);
        return watch.Ended.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _wake.Set();
        _thread.Join();
        _epoll.Dispose();
        _wake.Dispose();
        foreach (Watch watch in _watches.Values)
            watch.Ended.TrySetCanceled();
    }

    private void Run()
    {
        Span<long> keys = stackalloc long[Batch];
        while (!_disposed)
        {
            foreach (long key in keys[.._epoll.Wait(keys)])
            {
                if (_watches.TryRemove(key, out Watch? watch))
                    Report(watch);
            }
        }
    }

    private void Report(Watch watch)
    {
        try
        {
            _epoll.Remove(watch.Process);
            watch.Ended.TrySetResult(watch.Process.Reap());
        }
        catch (ObjectDisposedException)
        {
            watch.Ended.TrySetCanceled();
        }
    }

    private sealed record Watch(PidFd Process, TaskCompletionSource<ProcessExit> Ended);
}
