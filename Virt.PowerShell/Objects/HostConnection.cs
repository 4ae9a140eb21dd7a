using System.Diagnostics;
using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// The connection of one host. When it is lost, it is opened again by whoever needs it next; for a while after the loss, as long
/// as a daemon takes to restart, that is tried several times.
/// </summary>
internal sealed class HostConnection(
    Func<CancellationToken, ValueTask<VirtConnection>> open, VirtConnection first) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _gate = new(1);
    private VirtConnection _current = first;
    private Task<long> _lost = LossOf(first);
    private string? _news;
    private volatile bool _closed;

    /// <summary>The connection as it was last opened.</summary>
    public VirtConnection Current => _current;

    /// <summary>Whether it was closed for good.</summary>
    public bool IsClosed => _closed;

    /// <summary>Why the connection had to be opened again, once for each time; null when there is nothing new.</summary>
    public string? TakeNews() => Volatile.Read(ref _news) is null ? null : Interlocked.Exchange(ref _news, null);

    /// <summary>The open connection.</summary>
    /// <exception cref="VirtException">It was lost and cannot be opened again, or it was closed for good.</exception>
    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    public async ValueTask<VirtConnection> OpenAsync(CancellationToken cancel)
    {
        ThrowIfClosed();
        if (_current.IsAlive)
            return _current;
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            ThrowIfClosed();
            if (!_current.IsAlive)
                await ReopenAsync(cancel).ConfigureAwait(false);
            return _current;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes a call; one that a lost connection cut off is made once more where that changes nothing twice.</summary>
    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    public async Task<T> CallAsync<T>(Func<VirtConnection, CancellationToken, ValueTask<T>> make, CancellationToken cancel)
    {
        try
        {
            return await make(await OpenAsync(cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }
        catch (VirtConnectionException lost) when (lost.Outcome is CallOutcome.NotSent or CallOutcome.NoEffect && !_closed)
        {
            return await make(await OpenAsync(cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Closes it for good.</summary>
    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        _closed = true;
        await _current.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReopenAsync(CancellationToken cancel)
    {
        VirtConnection lost = _current;
        string reason = await lost.Closed.ConfigureAwait(false);
        long since = await _lost.ConfigureAwait(false);
        TimeSpan pause = FirstPause;
        while (true)
        {
            try
            {
                _current = await open(cancel).ConfigureAwait(false);
                break;
            }
            catch (VirtConnectionException down) when (Stopwatch.GetElapsedTime(since) + pause < Patience && IsOfARestart(down))
            {
                await Task.Delay(pause, cancel).ConfigureAwait(false);
                pause = 2 * pause < LongestPause ? 2 * pause : LongestPause;
            }
        }

        _lost = LossOf(_current);
        _news = reason;
        await lost.DisposeAsync().ConfigureAwait(false);
    }

    // Nobody listens yet, or whoever listened went away again.
    private static bool IsOfARestart(VirtConnectionException down) => down.Code is VirtErrorCode.SystemError or VirtErrorCode.RpcError;

    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    private static async Task<long> LossOf(VirtConnection connection)
    {
        await connection.Closed.ConfigureAwait(false);
        return Stopwatch.GetTimestamp();
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidConnection, $"the connection to {_current.HostName} has been closed", _current.Uri.ToString(),
                $"Connect again: Connect-VirtHost '{_current.Uri}'");
        }
    }
}
