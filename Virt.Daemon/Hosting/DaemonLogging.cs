using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Virt.Daemon.Hosting;

/// <summary>Logs go to standard error: with the journal's priorities under systemd, else one line with time and level.</summary>
internal static class DaemonLogging
{
    public static ILoggerFactory Create(LogLevel level) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        builder.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is null
                ? ConsoleFormatterNames.Simple
                : ConsoleFormatterNames.Systemd;
        });
        builder.AddSimpleConsole(simple =>
        {
            simple.SingleLine = true;
            simple.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fffzzz ";
            simple.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    });
}
