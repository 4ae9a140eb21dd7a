using System.Globalization;
using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Plugs virtual CPUs into a running guest and takes them out (<c>query-hotpluggable-cpus</c>).</summary>
internal static class GuestVCpus
{
    private static readonly TimeSpan UnplugLimit = TimeSpan.FromSeconds(25);

    private const string Query = "query-hotpluggable-cpus";

    private const string IdPrefix = "vcpu";
    private const string InterruptController = "/lapic";

    /// <summary>
    /// The processor of whose end QEMU tells when it deletes the device with this path; null when it is another device. Under TCG only
    /// the processor's interrupt controller is told of: the processor itself stays in QEMU's memory.
    /// </summary>
    public static string? ProcessorOf(string path) =>
        path.EndsWith(InterruptController, StringComparison.Ordinal) ? path[..^InterruptController.Length] : null;

    /// <summary>Brings the guest to a number of virtual CPUs.</summary>
    public static async Task SetAsync(DomainSupervisor domain, GuestRun run, int count)
    {
        JsonElement[] slots = await QuerySlotsAsync(domain, run).ConfigureAwait(false);
        JsonElement[] used = [.. slots.Where(slot => slot.FindText("qom-path") is not null)];
        // QEMU lists the last slot first: free ones are filled from the end of its list, used ones emptied from its beginning.
        foreach (JsonElement slot in slots.Where(slot => slot.FindText("qom-path") is null).Reverse().Take(count - used.Length).ToArray())
            await PlugAsync(domain, run, slot).ConfigureAwait(false);
        foreach (JsonElement slot in used.Take(used.Length - count).ToArray())
            await UnplugAsync(domain, run, slot.FindText("qom-path")!).ConfigureAwait(false);
        if (count > used.Length)
            await GuestTuner.ApplyAsync(domain, run).ConfigureAwait(false);
    }

    /// <summary>How many the guest has now.</summary>
    public static async Task<int> CountAsync(DomainSupervisor domain, GuestRun run) =>
        (await QuerySlotsAsync(domain, run).ConfigureAwait(false)).Count(slot => slot.FindText("qom-path") is not null);

    /// <summary>Takes note of the number, in the job slot, after the guest let go of one late or by itself.</summary>
    public static async Task RefreshLaterAsync(DomainSupervisor domain, GuestRun run)
    {
        try
        {
            await domain.RunJobAsync("count virtual CPUs", () => RefreshAsync(domain, run), Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "counting its virtual CPUs", failed.Message);
        }
    }

    /// <summary>Takes note of the number. Runs in the job slot.</summary>
    public static async Task RefreshAsync(DomainSupervisor domain, GuestRun run)
    {
        int count = await CountAsync(domain, run).ConfigureAwait(false);
        DomainDefinition live = run.ParseLive();
        if (count == live.VCpu || count > live.MaximumVCpu)
            return;
        live.VCpu = count;
        domain.SetLive(run, StoredDefinition.From(live), run.Memory);
    }

    private static async Task<JsonElement[]> QuerySlotsAsync(DomainSupervisor domain, GuestRun run)
    {
        try
        {
            JsonElement answer = await domain.ExecuteAsync(run, Query).ConfigureAwait(false);
            return [.. answer.Items(Query)];
        }
        catch (QmpException refused)
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported, $"the machine of domain '{domain.Name}' cannot change its virtual CPUs while it runs: {refused.Description}",
                domain.Name, "Use the scope Config.", refused);
        }
    }

    private static async Task PlugAsync(DomainSupervisor domain, GuestRun run, JsonElement slot)
    {
        JsonElement place = slot.Object("props", Query);
        string driver = slot.Text("type", Query);
        string id = IdPrefix + string.Join('-', place.EnumerateObject().Select(member => member.Value.GetRawText()));
        await domain.ExecuteAsync(run, new QmpCommand("device_add", arguments =>
        {
            arguments.WriteString("driver", driver);
            arguments.WriteString("id", id);
            foreach (JsonProperty member in place.EnumerateObject())
                member.WriteTo(arguments);
        })).ConfigureAwait(false);
    }

    private static async Task UnplugAsync(DomainSupervisor domain, GuestRun run, string path)
    {
        TaskCompletionSource<bool> removed = run.Unplugging.GetOrAdd(path, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await domain.ExecuteAsync(run, new QmpCommand("device_del", arguments => arguments.WriteString("id", path))).ConfigureAwait(false);
            if (await removed.Task.WaitAsync(UnplugLimit).ConfigureAwait(false))
                return;
            throw Refused(domain, "the guest refused");
        }
        catch (TimeoutException)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationTimeout,
                string.Create(CultureInfo.InvariantCulture, $"the guest of domain '{domain.Name}' has not let go of a virtual CPU within {UnplugLimit.TotalSeconds} s; it may still do so"),
                domain.Name, "The guest's system must support it and be up.");
        }
        finally
        {
            run.Unplugging.TryRemove(path, out _);
        }
    }

    private static VirtException Refused(DomainSupervisor domain, string why) => VirtException.Create(
        VirtErrorCode.OperationFailed, $"a virtual CPU of domain '{domain.Name}' was not taken out: {why}", domain.Name,
        "The guest's system must support it and be up.");
}
