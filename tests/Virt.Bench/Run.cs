using Virt.Bench.Lab;
using Virt.Bench.Report;
using Virt.Bench.Work;
using Virt.Chaos;
using Virt.Connections;

namespace Virt.Bench;

/// <summary>The side by side, from first to last.</summary>
internal static class Run
{
    /// <summary>Runs it, telling what it is at.</summary>
    public static async Task<Outcome> SideBySideAsync(BenchOptions options, TextWriter output, CancellationToken cancel)
    {
        using var folder = new TemporaryFolder();
        await using var virtd = new DaemonProcess(options.Daemon, folder.Make("virt"));
        await virtd.StartAsync(cancel).ConfigureAwait(false);
        VirtConnection connection = await virtd.ConnectAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await using JsonWorker? libvirt = await LibvirtAsync(folder, output, cancel).ConfigureAwait(false);
            await using JsonWorker? pwsh = await PwshAsync(options, connection, cancel).ConfigureAwait(false);
            var bench = new Work.Bench(options, virtd, connection, libvirt, pwsh);
            IReadOnlyList<Row> rows = await RowsAsync(bench, output, cancel).ConfigureAwait(false);
            return new Outcome(rows, await GrowthAsync(bench, output, cancel).ConfigureAwait(false));
        }
    }

    private static async Task<IReadOnlyList<Row>> RowsAsync(Work.Bench bench, TextWriter output, CancellationToken cancel)
    {
        var rows = new List<Row>();
        await StepAsync("defining", async () => rows.Add(await CallsWork.DefineAsync(bench, cancel).ConfigureAwait(false))).ConfigureAwait(false);
        await StepAsync("reading", async () => rows.InsertRange(0, await CallsWork.ReadAsync(bench, cancel).ConfigureAwait(false))).ConfigureAwait(false);
        await StepAsync("memory", async () => rows.Add(await MemoryWork.ResidentAsync(bench, "after define, list, statistics", cancel).ConfigureAwait(false))).ConfigureAwait(false);
        await StepAsync("one guest", async () => rows.AddRange(await GuestsWork.OneAsync(bench, cancel).ConfigureAwait(false))).ConfigureAwait(false);
        await StepAsync("fifty guests", async () => rows.AddRange(await GuestsWork.ManyAsync(bench, cancel).ConfigureAwait(false))).ConfigureAwait(false);
        await StepAsync("calls", async () =>
        {
            rows.Add(await CallsWork.RateAsync(bench, 1, Goal.LibvirtAtLeast(1.6), cancel).ConfigureAwait(false));
            rows.Add(await CallsWork.RateAsync(bench, Guests.Callers, Goal.LibvirtAtLeast(3), cancel).ConfigureAwait(false));
        }).ConfigureAwait(false);
        await StepAsync("pwsh", async () =>
        {
            rows.AddRange(await PwshWork.ListAsync(bench, cancel).ConfigureAwait(false));
            rows.AddRange(await PwshWork.ImportAsync(bench, cancel).ConfigureAwait(false));
        }).ConfigureAwait(false);
        rows.Add(await MemoryWork.ResidentAsync(bench, "after all of this", cancel).ConfigureAwait(false));
        rows.AddRange(await TestDriverWork.LinearAsync(cancel).ConfigureAwait(false));
        if (bench.Libvirt is { } libvirt)
            await libvirt.DoAsync("clear", cancel).ConfigureAwait(false);
        return rows;

        async Task StepAsync(string name, Func<Task> work)
        {
            await output.WriteLineAsync($"  {name}").ConfigureAwait(false);
            await work().ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<Table>> GrowthAsync(Work.Bench bench, TextWriter output, CancellationToken cancel)
    {
        await output.WriteLineAsync("  growth").ConfigureAwait(false);
        return
        [
            await GrowthWork.CallersAsync(bench, cancel).ConfigureAwait(false),
            await MemoryWork.EachAsync(bench.Options.Daemon, cancel).ConfigureAwait(false),
            await GrowthWork.DomainsAsync(bench.Options.Daemon, cancel).ConfigureAwait(false),
        ];
    }

    private static async Task<JsonWorker?> LibvirtAsync(TemporaryFolder folder, TextWriter output, CancellationToken cancel)
    {
        if (LibvirtSide.Missing is { } missing)
        {
            await output.WriteLineAsync($"***  NOT beside libvirt: {missing}.").ConfigureAwait(false);
            return null;
        }

        (JsonWorker worker, Version version) = await LibvirtSide.StartAsync(folder.Make("libvirt"), cancel).ConfigureAwait(false);
        await output.WriteLineAsync($"  beside libvirt {version}").ConfigureAwait(false);
        return worker;
    }

    private static async Task<JsonWorker?> PwshAsync(BenchOptions options, VirtConnection connection, CancellationToken cancel) =>
        options.Module is { } module ? await PwshSide.StartAsync(module, connection.Uri.ToString(), cancel).ConfigureAwait(false) : null;
}
