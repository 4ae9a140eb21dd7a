using System.Globalization;

namespace Virt.Daemon.Drivers.Qemu.Resources.Groups;

/// <summary>The tree of control groups (cgroup v2) and where processes are in it.</summary>
internal static class ControlGroups
{
    private const string Mounts = "/proc/self/mountinfo";
    private const int MountPointField = 4;

    /// <summary>Where the tree is mounted; null when it is not.</summary>
    public static string? Mount { get; } = File.ReadLines(Mounts).Select(line => line.Split(" - "))
        .FirstOrDefault(halves => halves.Length == 2 && halves[1].StartsWith("cgroup2 ", StringComparison.Ordinal))?[0].Split(' ')[MountPointField];

    /// <summary>Whether processors and memory are divided by this tree, not by the older ones.</summary>
    public static bool HasControllers { get; } = Mount is not null && ReadControllers(Mount) is var names && names.Contains("cpu") && names.Contains("memory");

    /// <summary>The path of a process's group from the root of the tree, such as <c>/system.slice/virtd.service</c>; null when
    /// there is no such process or no tree.</summary>
    public static string? PathOf(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/cgroup")
                .FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?["0::".Length..];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string[] ReadControllers(string folder)
    {
        string file = Path.Combine(folder, "cgroup.controllers");
        return File.Exists(file) ? File.ReadAllText(file).Trim().Split(' ') : [];
    }
}
