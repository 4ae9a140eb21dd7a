namespace Virt.Ssh.Channels;

/// <summary>How many bytes the far side takes now (RFC 4254, 5.2).</summary>
internal sealed class SendWindow
{
    private readonly Lock _gate = new();
    private long _bytes;
    private Exception? _end;
    private TaskCompletionSource? _more;

    /// <summary>The far side takes more.</summary>
    public void Add(uint bytes)
    {
        TaskCompletionSource? more;
        lock (_gate)
        {
            _bytes += bytes;
            (more, _more) = (_more, null);
        }

        more?.TrySetResult();
    }

    /// <summary>The far side takes nothing any more: who waits or comes later fails. The first end holds.</summary>
    public void End(Exception error)
    {
        TaskCompletionSource? more;
        lock (_gate)
        {
            _end ??= error;
            (more, _more) = (_more, null);
        }

        more?.TrySetException(error);
    }

    /// <summary>Takes room for at most that many bytes, waiting for at least one.</summary>
    public async ValueTask<int> TakeAsync(int most, CancellationToken cancel)
    {
        for (;;)
        {
            Task more;
            lock (_gate)
            {
                if (_end is not null)
                    throw new IOException(_end.Message, _end);
                if (_bytes > 0)
                {
                    int taken = (int)Math.Min(most, _bytes);
                    _bytes -= taken;
                    return taken;
                }

                more = (_more ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await more.WaitAsync(cancel).ConfigureAwait(false);
        }
    }
}
