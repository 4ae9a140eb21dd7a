using System.Diagnostics;
using System.Text;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The QEMU processes of a root and those that serve them: those whose command line names a path below it.</summary>
internal static class GuestProcesses
{
    private static readonly string[] Programs = ["qemu-system", "swtpm", "virtiofsd"];

    public static IReadOnlyList<int> Below(string root)
    {
        var found = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int process))
                continue;
            try
            {
                string commandLine = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline")));
                if (Programs.Any(program => commandLine.Contains(program, StringComparison.Ordinal)) && commandLine.Contains(root + "/", StringComparison.Ordinal))
                    found.Add(process);
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return found;
    }

    /// <summary>Leaves nothing behind.</summary>
    public static void KillBelow(string root)
    {
        foreach (int process in Below(root))
        {
            try
            {
                using var guest = Process.GetProcessById(process);
                guest.Kill();
                guest.WaitForExit(10_000);
            }
            catch (ArgumentException)
            {
                // It has just ended.
            }
        }
    }
}
