using System.Diagnostics;
using Virt.Bench.Lab;
using Virt.Bench.Report;
using Virt.Domains;
using Virt.Drivers;

namespace Virt.Bench.Work;

/// <summary>Guests that start and stop: one at a time, and fifty by one pipeline.</summary>
internal static class GuestsWork
{
    private const int Rounds = 9;
    private const int ManyRounds = 3;

    /// <summary>One guest, started paused and destroyed, beside libvirt's and a QEMU that nobody manages.</summary>
    public static async Task<IReadOnlyList<Row>> OneAsync(Bench bench, CancellationToken cancel)
    {
        var stops = new Samples[] { new(), new(), new() };
        IReadOnlyList<Samples> starts = await Bench.AlternateAsync(
            Rounds,
            async _ =>
            {
                (double start, double stop) = await OursAsync(bench.Hypervisor, cancel).ConfigureAwait(false);
                stops[0].Add(stop);
                return [start];
            },
            bench.Libvirt is not { } libvirt ? null : async _ =>
            {
                IReadOnlyList<double> start = await libvirt.DoAsync("start", cancel, ("number", 0)).ConfigureAwait(false);
                stops[1].Add(await libvirt.DoAsync("destroy", cancel, ("number", 0)).ConfigureAwait(false));
                return start;
            },
            async _ =>
            {
                (double start, double stop) = await BareAsync(bench.Options.Emulator, cancel).ConfigureAwait(false);
                stops[2].Add(stop);
                return [start];
            }).ConfigureAwait(false);
        return
        [
            CallsWork.Of("start paused, state known at the client", starts, 1000, "ms", Goal.Libvirt(0.2), Goal.Bare(1.6)),
            CallsWork.Of("destroy, to off known at the client (bare: quit)", stops, 1000, "ms", Goal.Libvirt(0.02), Goal.Bare(4)),
        ];
    }

    /// <summary>Fifty guests by one pipeline, against sixteen callers of libvirt.</summary>
    public static async Task<IReadOnlyList<Row>> ManyAsync(Bench bench, CancellationToken cancel)
    {
        var stops = new Samples[] { new(), new() };
        IReadOnlyList<Samples> starts = await Bench.AlternateAsync(
            ManyRounds,
            bench.Pwsh is not { } pwsh ? null : async _ =>
            {
                IReadOnlyList<double> start = await pwsh.DoAsync("start", cancel, ("count", 1)).ConfigureAwait(false);
                stops[0].Add(await pwsh.DoAsync("destroy", cancel, ("count", 1)).ConfigureAwait(false));
                return start;
            },
            bench.Libvirt is not { } libvirt ? null : async _ =>
            {
                IReadOnlyList<double> start = await libvirt.DoAsync("start_many", cancel, ("count", Guests.Many), ("callers", Guests.Callers)).ConfigureAwait(false);
                stops[1].Add(await libvirt.DoAsync("destroy_many", cancel, ("count", Guests.Many), ("callers", Guests.Callers)).ConfigureAwait(false));
                return start;
            }).ConfigureAwait(false);
        return bench.Pwsh is null
            ? []
            :
            [
                CallsWork.Of($"{Guests.Many} guests started paused by one pipeline", starts, 1e6, "s", Goal.Libvirt(0.2)),
                CallsWork.Of($"{Guests.Many} guests turned off by one pipeline", stops, 1e6, "s", Goal.Libvirt(0.05)),
            ];
    }

    /// <summary>One start and one stop of ours, in microseconds.</summary>
    public static async Task<(double Start, double Stop)> OursAsync(IHypervisorDriver driver, CancellationToken cancel)
    {
        Guid uuid = (await driver.GetDomainByNameAsync(Guests.Name(0), cancel).ConfigureAwait(false)).Uuid;
        long began = Stopwatch.GetTimestamp();
        DomainRecord started = await driver.StartDomainAsync(uuid, StartOptions.Paused, cancel).ConfigureAwait(false);
        double start = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        began = Stopwatch.GetTimestamp();
        DomainRecord stopped = await driver.DestroyDomainAsync(uuid, DestroyOptions.None, cancel).ConfigureAwait(false);
        double stop = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        return started.State == DomainState.Paused && stopped.State == DomainState.Shutoff
            ? (start, stop)
            : throw new BenchException($"the guest was {started.State} and then {stopped.State}.");
    }

    /// <summary>One start and one stop without anybody between, in microseconds.</summary>
    public static async Task<(double Start, double Stop)> BareAsync(string emulator, CancellationToken cancel)
    {
        (BareQemu qemu, double start) = await BareQemu.StartAsync(emulator, cancel).ConfigureAwait(false);
        using (qemu)
            return (start, await qemu.QuitAsync(cancel).ConfigureAwait(false));
    }
}
