using System.Text.Json;
using Virt.Domains;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>The counters of a guest's disks, from <c>query-blockstats</c> and <c>query-block</c>.</summary>
internal static class GuestDiskStatistics
{
    /// <summary>Reads them; null when QEMU does not answer.</summary>
    public static async Task<IReadOnlyList<DiskStatistics>?> ReadAsync(DomainSupervisor domain, GuestRun run, CancellationToken limit)
    {
        if (run.Devices.Disks.Count == 0)
            return [];
        Task<JsonElement?> asking = GuestStatisticsReader.AskAsync(domain, run, "query-block", limit);
        JsonElement? counters = await GuestStatisticsReader.AskAsync(domain, run, "query-blockstats", limit).ConfigureAwait(false);
        JsonElement? images = await asking.ConfigureAwait(false);
        if (counters is not { ValueKind: JsonValueKind.Array })
            return null;
        return [.. run.Devices.Disks.Select(disk => Read(disk, Find(counters, disk), Find(images, disk))).OfType<DiskStatistics>()];
    }

    private static DiskStatistics? Read(GuestDisk disk, JsonElement? entry, JsonElement? device)
    {
        if (Member(entry, "stats") is not { } stats)
            return null;
        JsonElement? image = Member(Member(device, "inserted"), "image");
        return new DiskStatistics(
            disk.Target, disk.Source, Count(stats, "rd_operations"), Count(stats, "rd_bytes"), Time(stats, "rd_total_time_ns"),
            Count(stats, "wr_operations"), Count(stats, "wr_bytes"), Time(stats, "wr_total_time_ns"), Count(stats, "flush_operations"),
            Time(stats, "flush_total_time_ns"), GuestStatisticsReader.Number(image, "virtual-size"),
            GuestStatisticsReader.Number(Member(Member(entry, "parent"), "stats") ?? stats, "wr_highest_offset"),
            GuestStatisticsReader.Number(image, "actual-size"));
    }

    // The entry's qdev is the device's id, or a path in which it is one part.
    private static JsonElement? Find(JsonElement? entries, GuestDisk disk)
    {
        if (entries is not { ValueKind: JsonValueKind.Array } list)
            return null;
        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (Member(entry, "qdev") is { ValueKind: JsonValueKind.String } qdev && qdev.GetString()!.Split('/').Contains(disk.Alias))
                return entry;
        }

        return null;
    }

    private static long Count(JsonElement stats, string member) => GuestStatisticsReader.Number(stats, member) ?? 0;

    private static TimeSpan Time(JsonElement stats, string member) =>
        TimeSpan.FromTicks(Count(stats, member) / TimeSpan.NanosecondsPerTick);

    private static JsonElement? Member(JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out JsonElement value) ? value : null;
}
