using Microsoft.Extensions.Logging;

namespace Virt.Fuzz.Targets;

/// <summary>Keeps what a daemon logs of its own failures: what it did not expect is a finding.</summary>
internal sealed class ErrorLog : ILoggerFactory, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<(string Line, Exception? Error)> _errors = [];

    /// <summary>Why the last connection ended.</summary>
    public string Reason { get; private set; } = "";

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception);
        lock (_gate)
        {
            if (logLevel >= LogLevel.Error || line.Contains("could not be handled", StringComparison.Ordinal))
                _errors.Add((line, exception));
            int at = line.IndexOf("disconnected: ", StringComparison.Ordinal);
            if (at >= 0)
                Reason = line[at..];
        }
    }

    /// <summary>Throws the first failure, and forgets all.</summary>
    public void Check()
    {
        lock (_gate)
        {
            if (_errors.Count == 0)
                return;
            (string line, Exception? error) = _errors[0];
            _errors.Clear();
            throw error is null ? new Engine.FuzzViolation(line) : new AggregateException(line, error);
        }
    }
}
