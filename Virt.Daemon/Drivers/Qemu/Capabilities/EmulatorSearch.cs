using System.Runtime.InteropServices;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>Where QEMU's binaries are.</summary>
internal static class EmulatorSearch
{
    private static readonly string[] Folders = ["/usr/bin", "/usr/local/bin", "/usr/libexec"];

    private static readonly string[] Architectures = ["x86_64", "i686"];

    /// <summary>The architecture of the host in QEMU's spelling.</summary>
    public static string HostArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.X86 => "i686",
        Architecture.Arm64 => "aarch64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>All system emulators of x86 found, the host's own first.</summary>
    public static IReadOnlyList<string> All() =>
        [.. Architectures.Select(Find).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The emulator of guests of an architecture (null: the host's); null when there is none.</summary>
    public static string? Find(string? architecture = null)
    {
        string guest = architecture ?? HostArchitecture;
        List<string> names = [$"qemu-system-{(guest == "i686" ? "i386" : guest)}"];
        if (guest == HostArchitecture)
            names.AddRange(["qemu-kvm", "kvm"]);
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
            ':', StringSplitOptions.RemoveEmptyEntries);
        return names
            .SelectMany(name => Folders.Concat(path.Where(Path.IsPathRooted)).Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(IsExecutable);
    }

    /// <summary>Throws unless the path is an absolute one of an executable file.</summary>
    public static void Check(string emulator)
    {
        if (Path.IsPathRooted(emulator) && IsExecutable(emulator))
            return;
        throw new VirtException(
            VirtErrorCode.ConfigurationUnsupported, $"the emulator '{emulator}' is not an executable file on this host", emulator,
            "Remove the element emulator to use the host's own, or install the emulator.");
    }

    private static bool IsExecutable(string path) => File.Exists(path)
        && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
