using System.Globalization;
using System.Text;

namespace Virt.Daemon.Hosting.Check;

/// <summary>The files in which a host notes who has which ids: passwd(5), group(5), subuid(5), subgid(5).</summary>
internal static class UserIdTables
{
    private const int MaximumFile = 16 << 20;
    private const int MostNamed = 5;

    /// <summary>The first entries that have some of the given ids: <c>/etc/passwd: NAME</c>.</summary>
    /// <param name="range">The ids.</param>
    /// <param name="folder">Where the files are.</param>
    public static IEnumerable<string> Entries(UserIdRange range, string folder = "/etc") =>
        Read($"{folder}/passwd", fields => (fields.ElementAtOrDefault(2), "1"), range)
            .Concat(Read($"{folder}/group", fields => (fields.ElementAtOrDefault(2), "1"), range))
            .Concat(Read($"{folder}/subuid", fields => (fields.ElementAtOrDefault(1), fields.ElementAtOrDefault(2)), range))
            .Concat(Read($"{folder}/subgid", fields => (fields.ElementAtOrDefault(1), fields.ElementAtOrDefault(2)), range))
            .Take(MostNamed);

    private static IEnumerable<string> Read(string path, Func<string[], (string? First, string? Count)> parse, UserIdRange range)
    {
        string text;
        try
        {
            text = Encoding.UTF8.GetString(HostFile.Read(path, MaximumFile));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return
            from line in text.Split('\n')
            let fields = line.Split(':')
            let ids = parse(fields)
            where long.TryParse(ids.First, NumberStyles.None, CultureInfo.InvariantCulture, out long first)
                && long.TryParse(ids.Count, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                && first <= range.Last && first + count > range.First
            select $"{path}: {fields[0]}";
    }
}
