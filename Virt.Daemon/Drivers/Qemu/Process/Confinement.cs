using System.Diagnostics;
using System.Globalization;
using Virt.Daemon.Native;
using SystemProcess = System.Diagnostics.Process;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>
/// What a process that works for virtd itself may use, and whom it runs as. The walls are built by programs of util-linux that become
/// each other: setpriv(1), unshare(1), prlimit(1), and setpriv again, which becomes the program.
/// </summary>
/// <param name="User">Whom it runs as; null for the daemon's own user.</param>
/// <param name="Sandbox">Whether a QEMU denies itself system calls that it does not need (seccomp).</param>
internal sealed record Confinement(QemuUser? User, bool Sandbox = true)
{
    private static readonly string[] Folders = ["/usr/bin", "/bin"];
    private static readonly string[] Spaces = ["--pid", "--net", "--ipc", "--fork", "--kill-child=KILL"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly Lazy<bool> HasSpaces = new(CanUnshare);

    /// <summary>The most memory it may map, in bytes. A QEMU reserves a GiB for code that it translates, and touches little of it.</summary>
    public long AddressSpace { get; init; } = 4L << 30;

    /// <summary>The most processor time, in seconds.</summary>
    public int ProcessorSeconds { get; init; } = 30;

    /// <summary>The most descriptors.</summary>
    public int Descriptors { get; init; } = 256;

    /// <summary>What to tell a QEMU of it.</summary>
    public string[] QemuArguments => Sandbox ? ["-sandbox", CommandLine.QemuCommandLine.Sandbox] : [];

    /// <summary>What to run so that a program is behind the walls. Blocks at its first use, while it asks what the host can do.</summary>
    /// <remarks>
    /// The kernel ends the process when the thread that has started it ends, and all processes of its own space with it. Without root's
    /// rights there is no such space; the process is then the first of a group, and has no network of its own.
    /// </remarks>
    public (string Program, IReadOnlyList<string> Arguments) Around(string executable, IReadOnlyCollection<string> arguments)
    {
        // A user's own daemon does without them where the host has none.
        if (User is null && !Privileges.IsInstalled)
            return (executable, [.. arguments]);
        string[] death = Privileges.DeathSignal;
        List<string> all = [.. death, "--no-new-privs", "--"];
        if (HasSpaces.Value)
            all.AddRange([Find("unshare")!, .. Spaces, "--"]);
        if (Find("prlimit") is { } limiter)
        {
            all.AddRange(
            [
                limiter, $"--as={Text(Math.Min(AddressSpace, ResourceLimits.MostAddressSpace))}",
                $"--cpu={Text(Math.Min(ProcessorSeconds, ResourceLimits.MostSeconds))}",
                $"--nofile={Text(Math.Min(Descriptors, ResourceLimits.MostOpenFiles))}", "--core=0", "--",
            ]);
        }

        // What a process is told to die of is forgotten when it becomes another user, so it is said once more.
        all.AddRange([Privileges.Program, .. death, .. User is null ? Privileges.Drop(executable, arguments) : Privileges.Drop(User, executable, arguments)]);
        return (Privileges.Program, all);
    }

    private static string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(path => HostFile.Exists(path));

    private static bool CanUnshare()
    {
        if (!Environment.IsPrivilegedProcess || Find("unshare") is not { } program || Find("true") is not { } nothing)
            return false;
        using SystemProcess trial = SystemProcess.Start(
            new ProcessStartInfo(program, [.. Spaces, "--", nothing]) { RedirectStandardError = true })!;
        if (trial.WaitForExit(Patience))
            return trial.ExitCode == 0;
        trial.Kill(entireProcessTree: true);
        return false;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
