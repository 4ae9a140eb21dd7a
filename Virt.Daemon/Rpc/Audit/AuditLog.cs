using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Virt.Daemon.Rpc.Audit;

/// <summary>
/// Writes audit lines in the background, in order, so that no call waits for the disk. A disk that is full breaks no call: the
/// log of the daemon says so once, and the audit log how many lines were lost, when it can be written again.
/// </summary>
internal sealed class AuditLog : IAsyncDisposable
{
    private const int MostQueued = 16_384;
    private const int BatchSize = 64 * 1024;
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    private readonly Channel<string> _queue = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MostQueued) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly AuditFile _file;
    private readonly ILogger _logger;
    private readonly Task _writing;
    private long _lost;
    private long _serial;
    private bool _failing;

    public AuditLog(string path, ILogger logger)
    {
        _file = new AuditFile(path);
        _logger = logger;
        _writing = WriteAsync();
    }

    /// <summary>Begins a line of now.</summary>
    public AuditLine Begin(string type) => new(type, DateTimeOffset.UtcNow, Interlocked.Increment(ref _serial));

    /// <summary>Takes a line; never waits.</summary>
    public void Write(AuditLine line)
    {
        if (!_queue.Writer.TryWrite(line.ToString()))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>Writes what is queued, within a few seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing.WaitAsync(FlushTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_writing.IsCompleted)
            _file.Dispose();
    }

    private async Task WriteAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var batch = new StringBuilder();
            int lines = 0;
            long lost = Interlocked.Exchange(ref _lost, 0);
            if (lost > 0)
                batch.Append(Begin("VIRT_LOST").Add("count", lost)).Append('\n');
            for (; batch.Length < BatchSize && _queue.Reader.TryRead(out string? line); lines++)
                batch.Append(line).Append('\n');
            Append(batch.ToString(), lines + lost);
        }
    }

    private void Append(string text, long lines)
    {
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(text));
            if (_failing)
                AuditMessages.WorksAgain(_logger, _file.FilePath);
            _failing = false;
        }
        catch (Exception e)
        {
            Interlocked.Add(ref _lost, lines);
            if (!_failing)
                AuditMessages.Fails(_logger, _file.FilePath, e.Message);
            _failing = true;
        }
    }
}

/// <summary>What the daemon's own log says about the audit log.</summary>
internal static partial class AuditMessages
{
    [LoggerMessage(1, LogLevel.Error, "The audit log {File} cannot be written: {Reason}. Calls go on; lines are lost until it can be.")]
    public static partial void Fails(ILogger logger, string file, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The audit log {File} is written again; it tells how many lines were lost")]
    public static partial void WorksAgain(ILogger logger, string file);
}
