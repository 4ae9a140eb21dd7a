using System.Runtime.InteropServices;
using Virt.Bench.Report;

namespace Virt.Bench;

/// <summary>The same work on virtd, on libvirtd and on QEMU alone, side by side.</summary>
internal static class Program
{
    private const string Usage =
        """
        usage: Virt.Bench --daemon VIRTD [--module FOLDER] [--document FILE] [--domains N] [--emulator QEMU]
               Virt.Bench guard --daemon VIRTD [--results FILE] [--emulator QEMU]
        """;

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
            if (options.Guard)
                return await StartGuard.RunAsync(options, Console.Out, stop.Token).ConfigureAwait(false) ? 0 : 1;
            Outcome outcome = await Run.SideBySideAsync(options, Console.Out, stop.Token).ConfigureAwait(false);
            IReadOnlyList<string> lines = [.. outcome.Lines()];
            foreach (string line in lines)
                await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
            if (options.Document is { } document)
            {
                string text = File.Exists(document) ? await File.ReadAllTextAsync(document, stop.Token).ConfigureAwait(false) : string.Empty;
                await File.WriteAllTextAsync(document, Document.Replace(text, lines), stop.Token).ConfigureAwait(false);
            }

            return outcome.Missed == 0 ? 0 : 1;
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
