using System.CommandLine;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd guests</c>: ends all guests as a host does that shuts down, and starts those that start with a host.</summary>
internal static class GuestsCommand
{
    public static Command Create(Func<ParseResult, VirtdOptions> options)
    {
        var stop = new Command("stop", "Shut down, save or turn off all guests, as guests.onHostShutdown in virtd.json says. virt-guests.service does so when the host shuts down.");
        stop.SetAction((result, cancel) => CommandFault.ReportAsync(() => StopAsync(options(result), cancel)));
        var start = new Command("start", "Start the guests that start with the host, and those that stop has saved, in the order of guests.autostartOrder.");
        start.SetAction((result, cancel) => CommandFault.ReportAsync(() => StartAsync(options(result), cancel)));
        return new Command("guests", "What the host's shutdown and start do with guests.") { stop, start };
    }

    private static async Task<int> StopAsync(VirtdOptions options, CancellationToken cancel)
    {
        var folders = new QemuFolders(options.Directories);
        GuestsConfig config = options.ReadConfig().Guests;
        // Whoever connects may start a daemon; without guests there is no reason to.
        if (Folders.List(folders.SpareStatuses).Count == 0)
            return await TellAsync("no guest runs").ConfigureAwait(false);
        VirtConnection connection = await ConnectAsync(options, cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            using var ending = new GuestsEnding(connection.Hypervisor, config, new HostSaveMarks(folders.HostSaves), Console.Out);
            return await ending.RunAsync(cancel).ConfigureAwait(false) ? 0 : 1;
        }
    }

    private static async Task<int> StartAsync(VirtdOptions options, CancellationToken cancel)
    {
        var marks = new HostSaveMarks(new QemuFolders(options.Directories).HostSaves);
        GuestsConfig config = options.ReadConfig().Guests;
        VirtConnection connection = await ConnectAsync(options, cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            IHypervisorDriver hypervisor = connection.Hypervisor;
            IReadOnlyList<DomainRecord> guests = await hypervisor.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false);
            IReadOnlySet<Guid> saved = marks.Load();
            int failures = 0;
            await new StartOrder(config).RunAsync(
                guests.Where(guest => !guest.IsActive && (guest.Autostart || (guest.HasSavedState && saved.Contains(guest.Uuid)))),
                guest => guest.Name,
                async guest =>
                {
                    try
                    {
                        await hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, cancel).ConfigureAwait(false);
                        await TellAsync($"{guest.Name}: started").ConfigureAwait(false);
                    }
                    catch (VirtException failed)
                    {
                        Interlocked.Increment(ref failures);
                        await TellAsync($"{guest.Name}: {failed.Message}").ConfigureAwait(false);
                    }
                },
                cancel).ConfigureAwait(false);
            foreach (Guid uuid in saved)
                marks.Remove(uuid);
            return failures == 0 ? 0 : 1;
        }
    }

    private static ValueTask<VirtConnection> ConnectAsync(VirtdOptions options, CancellationToken cancel) => VirtConnection.OpenAsync(
        $"qemu+unix:///{(options.Session ? "session" : "system")}?socket={Uri.EscapeDataString(options.Directories.Socket)}", cancel: cancel);

    private static async Task<int> TellAsync(string line)
    {
        await Console.Out.WriteLineAsync(VisibleText.Line(line)).ConfigureAwait(false);
        return 0;
    }
}
