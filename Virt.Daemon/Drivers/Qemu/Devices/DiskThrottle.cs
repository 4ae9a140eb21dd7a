using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>iotune</c> of a disk: limits that the monitor sets before the guest runs.</summary>
internal static class DiskThrottle
{
    private const long Maximum = 1_000_000_000_000_000;

    private static readonly Dictionary<string, string> Limits = new(StringComparer.Ordinal)
    {
        ["total_bytes_sec"] = "bps", ["read_bytes_sec"] = "bps_rd", ["write_bytes_sec"] = "bps_wr",
        ["total_iops_sec"] = "iops", ["read_iops_sec"] = "iops_rd", ["write_iops_sec"] = "iops_wr",
        ["total_bytes_sec_max"] = "bps_max", ["read_bytes_sec_max"] = "bps_rd_max", ["write_bytes_sec_max"] = "bps_wr_max",
        ["total_iops_sec_max"] = "iops_max", ["read_iops_sec_max"] = "iops_rd_max", ["write_iops_sec_max"] = "iops_wr_max",
        ["total_bytes_sec_max_length"] = "bps_max_length", ["read_bytes_sec_max_length"] = "bps_rd_max_length",
        ["write_bytes_sec_max_length"] = "bps_wr_max_length", ["total_iops_sec_max_length"] = "iops_max_length",
        ["read_iops_sec_max_length"] = "iops_rd_max_length", ["write_iops_sec_max_length"] = "iops_wr_max_length",
        ["size_iops_sec"] = "iops_size",
    };

    /// <summary>The command; null when there are no limits.</summary>
    public static PostStartCommand? Read(XElement disk, string device)
    {
        if (disk.Element("iotune") is not { HasElements: true } tune)
            return null;
        JsonObject arguments = None(device);
        CheckTotals(tune);
        foreach (XElement limit in tune.Elements())
        {
            if (limit.Name.LocalName == "group_name")
                arguments["group"] = limit.Value.Trim();
            else if (Limits.TryGetValue(limit.Name.LocalName, out string? name))
                arguments[name] = limit.Number(0, Maximum);
            else
                throw XmlFault.Invalid(limit, "it is not a limit");
        }

        if (tune.Element("group_name") is { } group && tune.Elements().All(limit => limit == group || limit.Value.Trim() == "0"))
            throw XmlFault.Unsupported(group, "a group without limits has no effect");
        return new PostStartCommand("block_set_io_throttle", arguments);
    }

    /// <summary>The arguments that lift all limits.</summary>
    public static JsonObject None(string device)
    {
        var arguments = new JsonObject { ["id"] = device };
        foreach (string required in (ReadOnlySpan<string>)["bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"])
            arguments[required] = 0L;
        return arguments;
    }

    /// <summary>Throws when a disk has other limits than another of its group.</summary>
    public static void CheckGroup(XElement disk, IEnumerable<XElement> others)
    {
        if (disk.Element("iotune") is not { } tune || GroupOf(tune) is not { } group)
            return;
        if (others.FirstOrDefault(other => other != disk && other.Element("iotune") is { } its && GroupOf(its) == group && Values(its) != Values(tune)) is { } twin)
        {
            throw XmlFault.Unsupported(
                tune, $"the disk '{twin.Element("target")?.Text("dev")}' of the group '{group}' has other limits", "Give all disks of a group the same limits.");
        }
    }

    private static string? GroupOf(XElement tune) => tune.Element("group_name")?.Value.Trim();

    private static string Values(XElement tune) => string.Join(
        ',', tune.Elements().OrderBy(limit => limit.Name.LocalName, StringComparer.Ordinal).Select(limit => $"{limit.Name.LocalName}={limit.Value.Trim()}"));

    private static void CheckTotals(XElement tune)
    {
        foreach (string kind in (ReadOnlySpan<string>)["bytes_sec", "iops_sec", "bytes_sec_max", "iops_sec_max"])
        {
            if (IsSet(tune, "total_" + kind) && (IsSet(tune, "read_" + kind) || IsSet(tune, "write_" + kind)))
                throw XmlFault.Invalid(tune.Element("total_" + kind)!, $"it cannot be combined with read_{kind} and write_{kind}");
        }
    }

    private static bool IsSet(XElement tune, string limit) => tune.Element(limit) is { } found && found.Number(0, Maximum) > 0;
}
