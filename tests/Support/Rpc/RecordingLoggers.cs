using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>Keeps what is logged, and lets a test wait for a line.</summary>
internal sealed class RecordingLoggers : ILoggerFactory, ILogger
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite($"{logLevel} {formatter(state, exception)} {exception}");

    /// <summary>The lines that nobody has waited for yet.</summary>
    public IReadOnlyList<string> TakeLines()
    {
        List<string> lines = [];
        while (_lines.Reader.TryRead(out string? line))
            lines.Add(line);
        return lines;
    }

    /// <summary>Waits for a line that has the text.</summary>
    public async Task<string> WaitAsync(string text, CancellationToken cancel)
    {
        List<string> seen = [];
        try
        {
            await foreach (string line in _lines.Reader.ReadAllAsync(cancel))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    return line;
                seen.Add(line);
            }
        }
        catch (OperationCanceledException)
        {
        }

        throw new InvalidOperationException($"'{text}' was not logged, but: {string.Join(" | ", seen)}");
    }
}
