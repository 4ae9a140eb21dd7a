using System.Globalization;
using System.Text;
using Virt.Daemon.Hosting;

namespace Virt.Daemon.Native;

/// <summary>Which user and group ids there are for this process: in a container they can be few (user_namespaces(7)).</summary>
internal static class UserMap
{
    private const int MaximumFile = 64 << 10;

    /// <summary>The ids that have no number on the host are nobody's, and nothing can become them.</summary>
    /// <returns>Whether there are all of these.</returns>
    public static bool Has(UserIdRange range) => Has(range, Read("/proc/self/uid_map")) && Has(range, Read("/proc/self/gid_map"));

    /// <summary>Whether a map has all of some ids: its lines are the first id, what that is outside, and how many.</summary>
    public static bool Has(UserIdRange range, string map)
    {
        // Where the kernel has no such maps there is nothing that limits.
        if (map.Length == 0)
            return true;
        long next = range.First;
        foreach ((long first, long count) in Lines(map).Order())
        {
            if (first <= next && first + count > next)
                next = first + count;
        }

        return next > range.Last;
    }

    private static IEnumerable<(long First, long Count)> Lines(string map) =>
        from line in map.Split('\n')
        let fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        where fields.Length == 3
        select (long.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[2], CultureInfo.InvariantCulture));

    private static string Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            byte[] text = new byte[MaximumFile];
            return Encoding.ASCII.GetString(text, 0, RandomAccess.Read(file, text, 0));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
