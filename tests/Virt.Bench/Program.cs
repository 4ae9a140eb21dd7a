using System.Runtime.InteropServices;
using Virt.Bench.Report;

namespace Virt.Bench;

/// <summary>The same work on virtd, on libvirtd and on QEMU alone, side by side.</summary>
internal static class Program
{
    private const string Usage = "usage: Virt.Bench --daemon VIRTD [--module FOLDER] [--document FILE] [--domains N] [--emulator QEMU]";

    private static async Task<int> Main(string[] args)
    {
        if (BenchOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage).ConfigureAwait(false);
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
            IReadOnlyList<Row> rows = await Run.SideBySideAsync(options, Console.Out, stop.Token).ConfigureAwait(false);
            foreach (string line in SideBySide.Lines(rows))
                await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
            return rows.All(row => row.Reached) ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (BenchException failed)
        {
            await Console.Error.WriteLineAsync(failed.Message).ConfigureAwait(false);
            return 3;
        }
    }
}
