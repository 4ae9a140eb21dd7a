using System.Globalization;
using Virt.Hosts;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>Reads the host's processors and memory from /proc and /sys.</summary>
/// <param name="root">The folder that holds proc and sys; <c>/</c> unless a test says otherwise.</param>
internal sealed class NodeReader(string root = "/")
{
    private const int MaximumCpus = 8192;

    /// <summary>The node as it is now.</summary>
    public NodeRecord Read()
    {
        Dictionary<string, string> cpu = FirstProcessor();
        Dictionary<string, long> memory = Memory();
        List<int> online = Numbers("sys/devices/system/cpu/online");
        if (online.Count == 0)
            online = [.. Enumerable.Range(0, Environment.ProcessorCount)];
        List<int> nodes = Numbers("sys/devices/system/node/online");
        int nodeCount = Math.Max(1, nodes.Count);
        var places = online.Select(Place).ToArray();
        int sockets = Math.Max(1, places.Select(place => place.Package).Distinct().Count());
        int cores = Math.Max(
            1, places.GroupBy(place => place.Package).Max(package => package.Select(place => place.Core).Distinct().Count()));
        int threads = Math.Max(1, places.GroupBy(place => (place.Package, place.Core)).Max(core => core.Count()));
        return new NodeRecord(
            EmulatorSearch.HostArchitecture, cpu.GetValueOrDefault("model name", "unknown"), online.Count, Megahertz(cpu), nodeCount,
            Math.Max(1, sockets / nodeCount), cores, threads, memory.GetValueOrDefault("MemTotal"),
            memory.GetValueOrDefault("MemAvailable", memory.GetValueOrDefault("MemFree")));
    }

    /// <summary>The processor's vendor, as <c>AuthenticAMD</c>; null when not known.</summary>
    public string? Vendor() => FirstProcessor().GetValueOrDefault("vendor_id");

    private (int Package, int Core) Place(int cpu) => (
        Number($"sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id") ?? 0,
        Number($"sys/devices/system/cpu/cpu{cpu}/topology/core_id") ?? cpu);

    private int Megahertz(Dictionary<string, string> cpu)
    {
        if (double.TryParse(
            cpu.GetValueOrDefault("cpu MHz"), NumberStyles.Float, CultureInfo.InvariantCulture, out double megahertz))
            return (int)Math.Round(megahertz);
        return (Number("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq") ?? 0) / 1000;
    }

    private Dictionary<string, string> FirstProcessor()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in Lines("proc/cpuinfo").TakeWhile(line => line.Length > 0))
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                found[line[..colon].Trim()] = line[(colon + 1)..].Trim();
        }

        return found;
    }

    private Dictionary<string, long> Memory()
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string line in Lines("proc/meminfo"))
        {
            string[] words = line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
                found[words[0]] = kibibytes * 1024;
        }

        return found;
    }

    /// <summary>Reads a list as <c>0-3,8</c>.</summary>
    private List<int> Numbers(string path)
    {
        List<int> numbers = [];
        foreach (string range in (Lines(path).FirstOrDefault() ?? "").Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            if (int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) && last < MaximumCpus)
            {
                for (int number = first; number <= last; number++)
                    numbers.Add(number);
            }
        }

        return numbers;
    }

    private int? Number(string path) =>
        int.TryParse(Lines(path).FirstOrDefault(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;

    private string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, path));
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
