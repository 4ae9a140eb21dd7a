namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A process as /proc shows it.</summary>
internal static class GuestProcess
{
    /// <summary>The program a process runs.</summary>
    public static string ProgramOf(int process) => Path.GetFileName(File.ReadAllText($"/proc/{process}/cmdline").Split('\0')[0]);

    /// <summary>A line of its status, without the name: words are parted by one space.</summary>
    public static string Status(int process, string name) => string.Join(
        ' ', File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..]
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
