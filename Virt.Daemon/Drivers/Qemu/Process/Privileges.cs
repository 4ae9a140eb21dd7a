using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Virt.Daemon.Native;
using Virt.Errors;
using SystemProcess = System.Diagnostics.Process;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>
/// Starts programs without root's rights by setpriv(1): it becomes the user, drops every capability, and then becomes the program, so
/// that pid and descriptors stay. QEMU's own way (-runas) would come after it has opened things as root, and its seccomp filter forbids it.
/// </summary>
internal static class Privileges
{
    private const string Env = "/usr/bin/env";
    private static readonly string[] Places = ["/usr/bin/setpriv", "/bin/setpriv"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly Lazy<string[]> Mortality = new(() => KnowsDeathSignal() ? ["--pdeathsig", "KILL"] : []);

    // The variables that virtd itself makes, or whose values can make a program do nothing.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "LC_ALL", "PATH", "HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "DISPLAY", "XAUTHORITY", "SDL_AUDIODRIVER", "TZ",
    };

    /// <summary>Whether the host has the program.</summary>
    public static bool IsInstalled => Places.Any(File.Exists);

    /// <summary>The program.</summary>
    /// <exception cref="VirtException">The host has none.</exception>
    public static string Program => Places.FirstOrDefault(File.Exists) ?? throw new VirtException(
        VirtErrorCode.ConfigurationUnsupported, "QEMU is to run as another user, for which virtd needs setpriv, which is not installed", Places[0],
        "Install util-linux.");

    /// <summary>
    /// The options by which the kernel ends the program when the thread that has started it ends (PR_SET_PDEATHSIG, prctl(2)); none where
    /// setpriv does not know how (util-linux does since 2.33). Blocks while it asks setpriv, once.
    /// </summary>
    public static string[] DeathSignal => Mortality.Value;

    /// <summary>
    /// Parts an environment: what setpriv may have, which still has root's rights, and what only the program gets. A variable can name
    /// code that is loaded into whatever has it (ld.so(8)).
    /// </summary>
    public static (IReadOnlyCollection<string> Environment, string Executable, IReadOnlyCollection<string> Arguments) Part(
        IReadOnlyCollection<string> environment, string executable, IReadOnlyCollection<string> arguments)
    {
        ILookup<bool, string> parts = environment.ToLookup(variable => Harmless.Contains(variable[..variable.IndexOf('=', StringComparison.Ordinal)]));
        return parts[false].Any()
            ? ([.. parts[true]], Env, [.. parts[false], executable, .. arguments])
            : (environment, executable, arguments);
    }

    /// <summary>Its arguments.</summary>
    /// <param name="user">Whom the program runs as.</param>
    /// <param name="executable">The program.</param>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="profile">The AppArmor profile that it runs in, where the host has it; null for none.</param>
    public static IReadOnlyCollection<string> Drop(QemuUser user, string executable, IReadOnlyCollection<string> arguments, string? profile = null) =>
    [
        .. profile is not null && AppArmor.Has(profile) ? (string[])["--apparmor-profile", profile] : [],
        "--reuid", Text(user.User), "--regid", Text(user.Group), "--groups", string.Join(',', user.Groups.Select(Text)),
        .. Drop(executable, arguments),
    ];

    /// <summary>Its arguments where the program stays the daemon's own user. Whoever is not root has no capability to drop.</summary>
    public static IReadOnlyCollection<string> Drop(string executable, IReadOnlyCollection<string> arguments) =>
        Environment.IsPrivilegedProcess
            ? ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs", "--", executable, .. arguments]
            : ["--no-new-privs", "--", executable, .. arguments];

    /// <summary>Lets a user open again, by its number, a pipe that the program inherits.</summary>
    public static void Share(SafeHandle descriptor, QemuUser user)
    {
        if (FileStatus.Of(descriptor).Kind == FileKind.Pipe)
            _ = FileOwner.Set(descriptor, user.User, user.Group);
    }

    private static bool KnowsDeathSignal()
    {
        if (!IsInstalled)
            return false;
        using SystemProcess help = SystemProcess.Start(new ProcessStartInfo(Program, ["--help"]) { RedirectStandardOutput = true })!;
        // A page of help fits into the pipe, so that the end can be awaited before it is read.
        if (help.WaitForExit(Patience))
            return help.StandardOutput.ReadToEnd().Contains("--pdeathsig", StringComparison.Ordinal);
        help.Kill();
        return false;
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
