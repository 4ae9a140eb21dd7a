using System.Globalization;
using System.Runtime.InteropServices;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>
/// Starts programs without root's rights by setpriv(1): it becomes the user, drops every capability, and then becomes the program, so
/// that pid and descriptors stay. QEMU's own way (-runas) would come after it has opened things as root, and its seccomp filter forbids it.
/// </summary>
internal static class Privileges
{
    private static readonly string[] Places = ["/usr/bin/setpriv", "/bin/setpriv"];

    /// <summary>The program.</summary>
    /// <exception cref="VirtException">The host has none.</exception>
    public static string Program => Places.FirstOrDefault(File.Exists) ?? throw new VirtException(
        VirtErrorCode.ConfigurationUnsupported, "QEMU is to run as another user, for which virtd needs setpriv, which is not installed", Places[0],
        "Install util-linux.");

    /// <summary>
    /// What to run so that the kernel ends the program when the thread that has started it ends (PR_SET_PDEATHSIG, prctl(2)); a host without
    /// setpriv leaves it alone, unless it is to run as another user.
    /// </summary>
    public static (string Program, IReadOnlyCollection<string> Arguments) Mortal(
        QemuUser? user, string executable, IReadOnlyCollection<string> arguments) => user switch
        {
            { } other => (Program, ["--pdeathsig", "KILL", .. Drop(other, executable, arguments)]),
            null when Places.Any(File.Exists) => (Program, ["--pdeathsig", "KILL", "--", executable, .. arguments]),
            null => (executable, arguments),
        };

    /// <summary>Its arguments.</summary>
    public static IReadOnlyCollection<string> Drop(QemuUser user, string executable, IReadOnlyCollection<string> arguments) =>
    [
        "--reuid", Text(user.User), "--regid", Text(user.Group), "--groups", string.Join(',', user.Groups.Select(Text)),
        "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs", "--", executable, .. arguments,
    ];

    /// <summary>Lets a user open again, by its number, a pipe that the program inherits.</summary>
    public static void Share(SafeHandle descriptor, QemuUser user)
    {
        if (FileStatus.Of(descriptor).Kind == FileKind.Pipe)
            _ = FileOwner.Set(descriptor, user.User, user.Group);
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
