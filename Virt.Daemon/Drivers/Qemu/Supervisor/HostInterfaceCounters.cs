using System.Globalization;
using Virt.Domains;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>The counters of a host interface that is a guest's network card: what the host receives, the guest has sent.</summary>
internal static class HostInterfaceCounters
{
    /// <summary>Reads them from sysfs; null when there is no such interface.</summary>
    public static InterfaceStatistics? TryRead(string name)
    {
        string folder = $"/sys/class/net/{name}/statistics";
        if (name.Contains('/', StringComparison.Ordinal) || !Directory.Exists(folder))
            return null;
        return new InterfaceStatistics(
            name, Read(folder, "tx_bytes"), Read(folder, "tx_packets"), Read(folder, "tx_errors"), Read(folder, "tx_dropped"),
            Read(folder, "rx_bytes"), Read(folder, "rx_packets"), Read(folder, "rx_errors"), Read(folder, "rx_dropped"));
    }

    private static long Read(string folder, string counter)
    {
        try
        {
            return long.Parse(File.ReadAllText(Path.Combine(folder, counter)).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
