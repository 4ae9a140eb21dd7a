using System.Globalization;

namespace Virt.Bench.Lab;

/// <summary>What of a process is in memory, as proc(5) tells.</summary>
internal static class ResidentMemory
{
    /// <summary>Its VmRSS, in KiB.</summary>
    public static long OfProcess(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
