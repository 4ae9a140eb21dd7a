using Virt.Connections;

namespace Virt.Remote;

/// <summary>The time to connect; it stands still while the user thinks about a question.</summary>
internal sealed class ConnectDeadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _cancel;

    public ConnectDeadline(TimeSpan time, CancellationToken cancel)
    {
        Time = time;
        _cancel = cancel;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _source.CancelAfter(time);
    }

    /// <summary>How long it is.</summary>
    public TimeSpan Time { get; }

    /// <summary>Ends when the time is up, or the caller gives up.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The same answers, for which there is as much time as the user takes.</summary>
    public ConnectAuth Stopping(ConnectAuth auth) => auth == ConnectAuth.None ? auth : new ConnectAuth(async (requests, cancel) =>
    {
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
        try
        {
            return await auth.Answer(requests, cancel).ConfigureAwait(false);
        }
        finally
        {
            if (!_cancel.IsCancellationRequested)
                _source.CancelAfter(Time);
        }
    });

    public void Dispose() => _source.Dispose();
}
