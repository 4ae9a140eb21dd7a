using System.Diagnostics;
using System.Globalization;

namespace Virt.Chaos;

/// <summary>The user ids of the guests of a run that is root's: as many as there can be guests at once, so that a lost one is missed.</summary>
internal sealed class GuestUsers
{
    private const int Lowest = 0x7d00_0000;
    private readonly string _root;
    private readonly int _first;
    private readonly int _count;

    private GuestUsers(string root, int count) => (_root, _first, _count) = (root, Lowest + Random.Shared.Next(0xff_0000), count);

    /// <summary>Has virtd give them; null where it cannot, because it is not root.</summary>
    public static GuestUsers? Configure(string root, int count)
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        var users = new GuestUsers(root, count);
        File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        File.WriteAllText(
            Path.Combine(Directory.CreateDirectory(Path.Combine(root, "etc/virt")).FullName, "virtd.json"),
            string.Create(CultureInfo.InvariantCulture, $$"""{ "qemu": { "userIds": { "first": {{users._first}}, "count": {{users._count}} } } }"""));
        File.SetUnixFileMode(Path.Combine(root, "images"), (UnixFileMode)0x1c9);
        return users;
    }

    /// <summary>What is wrong with the users of processes: one that is not of these, or two processes' at once.</summary>
    public IEnumerable<string> WrongOf(IEnumerable<(int Pid, Guid Uuid)> processes)
    {
        var known = new Dictionary<int, Guid>();
        foreach ((int pid, Guid uuid) in processes)
        {
            if (UserOf(pid) is not { } user)
                continue;
            if (user < _first || user >= _first + _count)
                yield return $"the guest {uuid} runs as {user}";
            if (!known.TryAdd(user, uuid))
                yield return $"the guests {uuid} and {known[user]} both run as {user}";
        }
    }

    /// <summary>The files that are still theirs.</summary>
    public async Task<string> LeftAsync(CancellationToken cancel)
    {
        using Process find = Process.Start(new ProcessStartInfo(
            "find", [_root, "-uid", $"+{_first - 1}", "-uid", $"-{_first + _count}"])
        {
            RedirectStandardOutput = true,
        })!;
        string left = await find.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
        await find.WaitForExitAsync(cancel).ConfigureAwait(false);
        return left.Trim().Replace("\n", ", ", StringComparison.Ordinal);
    }

    private static int? UserOf(int pid)
    {
        try
        {
            string line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal));
            return int.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
