using System.Runtime.InteropServices;

namespace Virt.Chaos;

/// <summary>Kills virtd at random moments of work on real guests, again and again, and checks what each next one makes of it.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (ChaosOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(ChaosOptions.Usage).ConfigureAwait(false);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            ChaosReport report = await ChaosRun.RunAsync(options, Console.Out, stop.Token).ConfigureAwait(false);
            await Console.Out.WriteLineAsync(report.ToString()).ConfigureAwait(false);
            return report.Violations.Count == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
    }
}
