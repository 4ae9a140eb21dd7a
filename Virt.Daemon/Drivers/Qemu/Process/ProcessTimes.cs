using System.Globalization;
using System.Text;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>The numbers of a <c>stat</c> file in /proc, of a process or one of its threads (proc(5)).</summary>
/// <param name="State">The letter of its state: R, S, D, T, Z, ...</param>
/// <param name="User">CPU time in user mode.</param>
/// <param name="System">CPU time in kernel mode.</param>
/// <param name="StartTicks">When it started, in clock ticks after boot.</param>
/// <param name="ResidentBytes">Its resident memory.</param>
/// <param name="Session">The pid of the process that leads its session.</param>
internal sealed record ProcessTimes(char State, TimeSpan User, TimeSpan System, long StartTicks, long ResidentBytes, long Session)
{
    // USER_HZ: the kernel's interface to user space has used 100 on every architecture .NET runs on.
    private const long TicksPerSecond = 100;

    private const int SessionField = 3;
    private const int UserField = 11;
    private const int SystemField = 12;
    private const int StartField = 19;
    private const int ResidentField = 21;

    /// <summary>Whether it has ended and only waits to be reaped.</summary>
    public bool IsDead => State is 'Z' or 'X';

    /// <summary>Whether it was stopped by a signal, or by who traces it, and does nothing until it is continued.</summary>
    public bool IsStopped => State is 'T' or 't';

    /// <summary>All CPU time.</summary>
    public TimeSpan Total => User + System;

    /// <summary>Reads a stat file; null when the process is gone or the file makes no sense.</summary>
    public static ProcessTimes? TryRead(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            Span<byte> bytes = stackalloc byte[1024];
            int count = RandomAccess.Read(file, bytes, 0);
            return Parse(Encoding.UTF8.GetString(bytes[..count]));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ProcessTimes? Parse(string text)
    {
        // The command in parentheses may itself have spaces and parentheses: the fields begin after the last one.
        int end = text.LastIndexOf(')');
        if (end < 0 || end + 2 >= text.Length)
            return null;
        string[] fields = text[(end + 2)..].Split(' ');
        return fields.Length > ResidentField
            && Number(fields[UserField]) is { } user && Number(fields[SystemField]) is { } system
            && Number(fields[StartField]) is { } start && Number(fields[ResidentField]) is { } pages
            && Number(fields[SessionField]) is { } session
            ? new ProcessTimes(fields[0][0], Time(user), Time(system), start, pages * Environment.SystemPageSize, session)
            : null;
    }

    private static TimeSpan Time(long ticks) => TimeSpan.FromTicks(ticks * (TimeSpan.TicksPerSecond / TicksPerSecond));

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
