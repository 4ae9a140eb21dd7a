using System.Globalization;
using System.Text;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>A QEMU of ours as its command line in /proc tells of it, when nothing else is left to tell.</summary>
/// <param name="Identity">The process.</param>
/// <param name="User">Whom it runs as.</param>
/// <param name="Uuid">The domain's identity, which its run folder is named after.</param>
/// <param name="Name">The domain's name.</param>
/// <param name="Memory">Its memory, in bytes; null when not understood.</param>
/// <param name="VCpu">Its virtual CPUs; null when not understood.</param>
/// <param name="IsIncoming">Whether it was started to read a saved state.</param>
internal sealed record GuestProcess(ProcessIdentity Identity, uint User, Guid Uuid, string Name, long? Memory, int? VCpu, bool IsIncoming)
{
    private const int MaximumCommandLine = 4 * 1024 * 1024;

    /// <summary>Finds all whose pid file lies below a run folder. Only processes of users of guests count: others may claim anything.</summary>
    public static IReadOnlyList<GuestProcess> Find(string runFolder, Predicate<uint> isGuests)
    {
        var found = new List<GuestProcess>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && FileStatus.TryRead(folder) is { } status && isGuests(status.User)
                && TryRead(pid, status.User, runFolder) is { } guest)
                found.Add(guest);
        }

        return found;
    }

    /// <summary>The pids of processes of the given users that lead a session, as all that are launched here do, and have a folder's path in
    /// their command line.</summary>
    public static IEnumerable<int> FindUsersOf(string folder, IReadOnlySet<uint> users) =>
        Directory.EnumerateDirectories("/proc")
            .Select(process => int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0)
            .Where(pid => pid > 0 && pid != Environment.ProcessId && FileStatus.TryRead($"/proc/{pid}") is { } status && users.Contains(status.User))
            .Where(pid => ProcessTimes.TryRead($"/proc/{pid}/stat") is { IsDead: false } times && times.Session == pid)
            .Where(pid => ReadArguments(pid).Any(argument => argument.Contains(folder + "/", StringComparison.Ordinal)));

    private static GuestProcess? TryRead(int pid, uint user, string runFolder)
    {
        string[] arguments = ReadArguments(pid);
        if (After(arguments, "-pidfile") is not { } file || !file.StartsWith(runFolder + "/", StringComparison.Ordinal)
            || !Guid.TryParseExact(file[(runFolder.Length + 1)..].Split('/')[0], "D", out Guid uuid)
            || ProcessIdentity.TryRead(pid) is not { } identity)
            return null;
        string name = Option(After(arguments, "-name"), "guest") ?? uuid.ToString("D");
        string? memory = After(arguments, "-m"), processors = After(arguments, "-smp");
        return new GuestProcess(
            identity, user, uuid, name, Bytes(Option(memory, "size") ?? memory?.Split(',')[0]),
            int.TryParse(Option(processors, "cpus") ?? processors?.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : null,
            arguments.Contains("-incoming"));
    }

    private static string[] ReadArguments(int pid)
    {
        try
        {
            using var file = File.OpenHandle($"/proc/{pid}/cmdline");
            var text = new MemoryStream();
            byte[] buffer = new byte[16 * 1024];
            while (text.Length < MaximumCommandLine && RandomAccess.Read(file, buffer, text.Length) is > 0 and var count)
                text.Write(buffer, 0, count);
            return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length).Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? After(string[] arguments, string option) =>
        Array.IndexOf(arguments, option) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;

    // In QEMU's option strings a comma within a value is doubled.
    private static string? Option(string? text, string name) => text?
        .Replace(",,", "\0", StringComparison.Ordinal).Split(',')
        .FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..]
        .Replace('\0', ',');

    private static long? Bytes(string? text) => text switch
    {
        null or "" => null,
        _ when text[^1] is 'k' or 'K' => Number(text[..^1]) << 10,
        _ when text[^1] is 'G' or 'g' => Number(text[..^1]) << 30,
        _ when text[^1] is 'M' or 'm' => Number(text[..^1]) << 20,
        // Without a unit QEMU counts MiB.
        _ => Number(text) << 20,
    };

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < 1L << 30 ? number : null;
}
