using System.Diagnostics;
using Virt.Bench.Lab;
using Virt.Chaos;
using Virt.Connections;
using Virt.Drivers;

namespace Virt.Bench.Work;

/// <summary>What the parts of a run share.</summary>
/// <param name="Options">How it is run.</param>
/// <param name="Virtd">Our daemon.</param>
/// <param name="Connection">A client's connection to it.</param>
/// <param name="Libvirt">libvirt's half; null where it is not to be had.</param>
/// <param name="Pwsh">A warm PowerShell with the module; null where there is none.</param>
internal sealed record Bench(
    BenchOptions Options, DaemonProcess Virtd, VirtConnection Connection, JsonWorker? Libvirt, JsonWorker? Pwsh)
{
    /// <summary>The driver at the other end.</summary>
    public IHypervisorDriver Hypervisor => Connection.Hypervisor;

    /// <summary>The microseconds that one piece of work takes, several times.</summary>
    public static async Task<double[]> TimeAsync(int count, Func<ValueTask> work)
    {
        double[] spent = new double[count];
        for (int i = 0; i < count; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await work().ConfigureAwait(false);
            spent[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        return spent;
    }

    /// <summary>Does something for each number from one to before another, with sixteen callers.</summary>
    public static Task ForAllAsync(int from, int to, Func<int, Task> work, CancellationToken cancel) => Parallel.ForAsync(
        from, to, new ParallelOptions { MaxDegreeOfParallelism = Guests.Callers, CancellationToken = cancel },
        async (number, _) => await work(number).ConfigureAwait(false));

    /// <summary>Does each side's part of the work in turn, several times; who begins changes from round to round.</summary>
    public static async Task<IReadOnlyList<Samples>> AlternateAsync(int rounds, params IReadOnlyList<Func<int, Task<IReadOnlyList<double>>>?> sides)
    {
        Samples[] samples = [.. sides.Select(_ => new Samples())];
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < sides.Count; turn++)
            {
                int side = (turn + round) % sides.Count;
                if (sides[side] is { } work)
                    samples[side].Add(await work(round).ConfigureAwait(false));
            }
        }

        return samples;
    }
}
