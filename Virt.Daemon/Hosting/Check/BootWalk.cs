using System.Diagnostics;
using System.Globalization;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Hosts;

namespace Virt.Daemon.Hosting.Check;

/// <summary>
/// The main job on this host, from end to end: a daemon on a private root, the remote driver, three guests that boot, are
/// suspended, resumed and shut down, each step with its time.
/// </summary>
internal sealed class BootWalk(TextWriter output, string? guestFolder)
{
    private const int Guests = 3;
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancel)
    {
        string root = Directory.CreateTempSubdirectory("virt-check-").FullName;
        try
        {
            DaemonChild? daemon = null;
            await StepAsync("start virtd", async () => daemon = await DaemonChild.StartAsync(root, cancel).ConfigureAwait(false)).ConfigureAwait(false);
            await using (daemon!.ConfigureAwait(false))
                await ConnectAsync(root, cancel).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private async Task ConnectAsync(string root, CancellationToken cancel)
    {
        VirtConnection? opened = null;
        string uri = $"qemu+unix:///system?socket={VirtDirectories.FromRoot(root).Socket}";
        await StepAsync($"connect to {uri}", async () => opened = await VirtConnection.OpenAsync(uri, cancel: cancel).ConfigureAwait(false))
            .ConfigureAwait(false);
        VirtConnection connection = opened!;
        await using (connection.ConfigureAwait(false))
            await WalkAsync(connection.Hypervisor, root, cancel).ConfigureAwait(false);
    }

    private async Task WalkAsync(IHypervisorDriver hypervisor, string root, CancellationToken cancel)
    {
        var guests = new List<WalkGuest>();
        try
        {
            HostCapabilities host = await hypervisor.GetHostCapabilitiesAsync(cancel).ConfigureAwait(false);
            string type = host.KvmUsable ? "kvm" : "qemu";
            await StepAsync($"define {Guests} guests of type {type}", async () =>
            {
                for (int i = 1; i <= Guests; i++)
                    guests.Add(await WalkGuest.DefineAsync(hypervisor, $"check{i}", type, guestFolder, root, cancel).ConfigureAwait(false));
            }).ConfigureAwait(false);
            await StepAsync(
                guestFolder is null ? "start them (firmware only)" : "boot them to their READY lines",
                () => AllAsync(guests, guest => guest.BootAsync(BootLimit, cancel))).ConfigureAwait(false);
            await TableAsync(hypervisor, cancel).ConfigureAwait(false);
            Guid first = guests[0].Uuid;
            await StepAsync("suspend check1", () => hypervisor.SuspendDomainAsync(first, cancel).AsTask()).ConfigureAwait(false);
            await TableAsync(hypervisor, cancel).ConfigureAwait(false);
            await StepAsync("resume check1", () => hypervisor.ResumeDomainAsync(first, cancel).AsTask()).ConfigureAwait(false);
            await StepAsync(
                guestFolder is null ? "turn all off" : "shut all down through ACPI, side by side",
                () => AllAsync(guests, guest => guest.EndAsync(ShutdownLimit, cancel))).ConfigureAwait(false);
            await TableAsync(hypervisor, cancel).ConfigureAwait(false);
            await StepAsync("undefine them", () => AllAsync(guests, guest => guest.UndefineAsync(cancel))).ConfigureAwait(false);
        }
        catch
        {
            foreach (WalkGuest guest in guests)
                await guest.DiscardAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static Task AllAsync(IEnumerable<WalkGuest> guests, Func<WalkGuest, Task> work) => Task.WhenAll(guests.Select(work));

    private async Task StepAsync(string name, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await output.WriteLineAsync($"  FAIL  {name}: {fault.Message}").ConfigureAwait(false);
            if (fault is VirtException { RecommendedAction: { } advice })
                await output.WriteLineAsync($"        {advice}").ConfigureAwait(false);
            throw;
        }

        string took = Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture);
        await output.WriteLineAsync($"  {took,7} ms  {name}").ConfigureAwait(false);
    }

    private async Task TableAsync(IHypervisorDriver hypervisor, CancellationToken cancel)
    {
        IReadOnlyList<DomainRecord> domains = [];
        await StepAsync("list", async () => domains = await hypervisor.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false)).ConfigureAwait(false);
        await output.WriteLineAsync($"              {"Id",4}  {"Name",-10} {"State",-9} {"Reason",-10} {"vCPU",4} {"MiB",5}").ConfigureAwait(false);
        foreach (DomainRecord domain in domains)
        {
            await output.WriteLineAsync(
                $"              {domain.Id?.ToString(CultureInfo.InvariantCulture) ?? "-",4}  {domain.Name,-10} {domain.State,-9} {domain.Reason,-10} {domain.VCpu,4} {domain.Memory >> 20,5}")
                .ConfigureAwait(false);
        }
    }
}
