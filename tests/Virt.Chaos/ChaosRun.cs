using System.Diagnostics;
using System.Globalization;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Chaos;

/// <summary>A whole run: work, kill, start, inspect, as often as asked.</summary>
internal static class ChaosRun
{
    private const int LongestWork = 2_500;

    /// <summary>Runs it and returns the figures.</summary>
    public static async Task<ChaosReport> RunAsync(ChaosOptions options, TextWriter output, CancellationToken cancel)
    {
        var report = new ChaosReport { Seed = options.Seed };
        string root = Directory.CreateTempSubdirectory("chaos-").FullName;
        var daemon = new DaemonProcess(options.Daemon, root);
        try
        {
            var random = new Random(options.Seed);
            var operations = new Operations(Directory.CreateDirectory(Path.Combine(root, "images")).FullName);
            var users = GuestUsers.Configure(root, options.Guests);
            Worker[] workers = [.. Enumerable.Range(0, options.Guests).Select(_ => new Worker(operations, new Random(random.Next()), report))];
            await daemon.StartAsync(cancel).ConfigureAwait(false);
            for (int round = 1; round <= options.Rounds; round++)
            {
                int known = report.Violations.Count;
                await RoundAsync(daemon, workers, new Inspector(root, users, report), report, random.Next(LongestWork), round, cancel).ConfigureAwait(false);
                string running = string.Create(CultureInfo.InvariantCulture, $"round {round}: {workers.Count(worker => worker.Possible[0].IsActive)} of {workers.Length} run");
                await output.WriteLineAsync(running).ConfigureAwait(false);
                foreach (string violation in report.Violations.Skip(known))
                    await output.WriteLineAsync("  VIOLATION " + violation).ConfigureAwait(false);
            }

            await EndAsync(daemon, workers, root, report, cancel).ConfigureAwait(false);
            if (users is not null && await users.LeftAsync(cancel).ConfigureAwait(false) is { Length: > 0 } left)
                report.Violate($"left to users of guests at the end: {left}");
            if (report.Violations.Count > 0)
                await output.WriteLineAsync(daemon.Log).ConfigureAwait(false);
            return report;
        }
        finally
        {
            await daemon.DisposeAsync().ConfigureAwait(false);
            QemuProcesses.Kill(root);
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task RoundAsync(
        DaemonProcess daemon, Worker[] workers, Inspector inspector, ChaosReport report, int milliseconds, int round, CancellationToken cancel)
    {
        VirtConnection[] connections = await Task.WhenAll(workers.Select(_ => daemon.ConnectAsync(cancel).AsTask())).ConfigureAwait(false);
        bool killed = false;
        Task[] working = [.. workers.Select((worker, i) => worker.RunAsync(connections[i], () => Volatile.Read(ref killed), cancel))];
        await Task.Delay(milliseconds, cancel).ConfigureAwait(false);
        Volatile.Write(ref killed, true);
        await daemon.KillAsync().ConfigureAwait(false);
        await Task.WhenAll(working).ConfigureAwait(false);
        foreach (VirtConnection connection in connections)
            await connection.DisposeAsync().ConfigureAwait(false);

        long begun = Stopwatch.GetTimestamp();
        await daemon.StartAsync(cancel).ConfigureAwait(false);
        report.AddRestart(Stopwatch.GetElapsedTime(begun));
        VirtConnection again = await daemon.ConnectAsync(cancel).ConfigureAwait(false);
        await using (again.ConfigureAwait(false))
            await inspector.InspectAsync(again.Hypervisor, workers, round, cancel).ConfigureAwait(false);
    }

    // What is left is whole: it starts, ends and goes.
    private static async Task EndAsync(DaemonProcess daemon, Worker[] workers, string root, ChaosReport report, CancellationToken cancel)
    {
        VirtConnection connection = await daemon.ConnectAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            foreach (GuestModel guest in workers.Select(worker => worker.Possible[0]).Where(guest => guest.IsDefined))
            {
                try
                {
                    if (!guest.IsActive)
                        await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, cancel).ConfigureAwait(false);
                    await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, cancel).ConfigureAwait(false);
                    await connection.Hypervisor.UndefineDomainAsync(guest.Uuid, UndefineOptions.ManagedSave, cancel).ConfigureAwait(false);
                }
                catch (VirtException failed)
                {
                    report.Violate($"the end of {guest}: {failed.Message}");
                }
            }
        }

        int exit = await daemon.StopAsync().ConfigureAwait(false);
        if (exit != 0)
            report.Violate($"virtd ended with {exit} at the end");
        if (QemuProcesses.Find(root) is { Count: > 0 } left)
            report.Violate($"{left.Count} QEMU processes are left at the end");
        string[] tracked = ["etc/virt/qemu", "run/virt/qemu", "run/virt/qemu-spare", "var/lib/virt/qemu/save"];
        string[] files = [.. tracked.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories)).Where(file => Path.GetFileName(file) != "autostarted")];
        if (files.Length > 0)
            report.Violate($"left at the end: {string.Join(", ", files)}");
    }
}
