using System.Diagnostics;
using System.Globalization;
using Virt.Bench.Lab;
using Virt.Bench.Work;
using Virt.Chaos;
using Virt.CodecGuard.Reporting;
using Virt.Connections;
using Virt.Domains;

namespace Virt.Bench;

/// <summary>
/// Fails when starting or destroying a guest takes many times as long as with a QEMU that nobody manages. Both are measured in turn;
/// what looks worse is measured again, longer, before it fails.
/// </summary>
internal static class StartGuard
{
    // What is to be reached (docs/performance.md) and as much again for the noise of a machine that has other work.
    private const double StartLimit = 2.4;
    private const double DestroyLimit = 8;
    private const int Rounds = 5;
    private const int RoundsToConfirm = 15;
    private const string Suite = "start-guard";

    /// <summary>Does it.</summary>
    /// <param name="daemon">The virtd.</param>
    /// <param name="emulator">The QEMU that runs without anybody.</param>
    /// <param name="results">Where results are written, in JUnit's format; null for nowhere.</param>
    /// <param name="output">Takes the ratios.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether nothing failed.</returns>
    public static async Task<bool> RunAsync(string daemon, string emulator, string? results, TextWriter output, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        using var folder = new TemporaryFolder();
        await using var virtd = new DaemonProcess(daemon, folder.Make("virt"));
        await virtd.StartAsync(cancel).ConfigureAwait(false);
        VirtConnection connection = await virtd.ConnectAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await connection.Hypervisor.DefineDomainAsync(Guests.Xml(0), DefineOptions.None, cancel).ConfigureAwait(false);
            // The first start of all asks QEMU what it can do.
            await GuestsWork.OursAsync(connection.Hypervisor, cancel).ConfigureAwait(false);
            IReadOnlyList<GuardResult> judged = await MeasureAsync(connection, emulator, Rounds, output, cancel).ConfigureAwait(false);
            if (judged.Any(result => result.Fault is not null))
                judged = await MeasureAsync(connection, emulator, RoundsToConfirm, output, cancel).ConfigureAwait(false);
            if (results is not null)
                await ResultFile.WriteAsync(results, Suite, [.. judged], Stopwatch.GetElapsedTime(began), cancel).ConfigureAwait(false);
            return judged.All(result => result.Fault is null);
        }
    }

    private static async Task<IReadOnlyList<GuardResult>> MeasureAsync(
        VirtConnection connection, string emulator, int rounds, TextWriter output, CancellationToken cancel)
    {
        Samples ourStart = new(), ourStop = new(), bareStart = new(), bareStop = new();
        for (int i = 0; i < rounds; i++)
        {
            (double start, double stop) = await GuestsWork.OursAsync(connection.Hypervisor, cancel).ConfigureAwait(false);
            ourStart.Add(start);
            ourStop.Add(stop);
            (start, stop) = await GuestsWork.BareAsync(emulator, cancel).ConfigureAwait(false);
            bareStart.Add(start);
            bareStop.Add(stop);
        }

        return
        [
            Judge("start", ourStart.Median / bareStart.Median, StartLimit, output),
            Judge("destroy", ourStop.Median / bareStop.Median, DestroyLimit, output),
        ];
    }

    private static GuardResult Judge(string name, double ratio, double limit, TextWriter output)
    {
        string told = string.Create(CultureInfo.InvariantCulture, $"{name}: {ratio:0.00} times bare QEMU's, at most {limit} is let pass");
        output.WriteLine(told);
        return new GuardResult(name, Measured: true, ratio <= limit ? null : told);
    }
}
