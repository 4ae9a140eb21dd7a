using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Virt.Chaos;

/// <summary>The QEMU processes whose files lie below a folder, by the domain they are of.</summary>
internal static class QemuProcesses
{
    /// <summary>Finds them: pid and uuid.</summary>
    public static IReadOnlyList<(int Pid, Guid Uuid)> Find(string root)
    {
        var found = new List<(int, Guid)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && ReadArguments(pid) is var arguments && arguments.Any(argument => argument.StartsWith(root + "/", StringComparison.Ordinal))
                && Array.IndexOf(arguments, "-uuid") is > 0 and var at && Guid.TryParse(arguments[at + 1], out Guid uuid))
                found.Add((pid, uuid));
        }

        return found;
    }

    /// <summary>Ends them all.</summary>
    public static void Kill(string root)
    {
        foreach ((int pid, _) in Find(root))
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
                process.WaitForExit(10_000);
            }
            catch (ArgumentException)
            {
                // It has just ended.
            }
        }
    }

    private static string[] ReadArguments(int pid)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
