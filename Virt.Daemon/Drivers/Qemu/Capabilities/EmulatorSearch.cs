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

    /// <summary>The system emulators of x86, one for each architecture, the host's own first.</summary>
    public static IReadOnlyList<string> All() =>
        [.. Architectures.Select(Find).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Every emulator of x86 found, under each of its names: what a definition may name.</summary>
    public static IEnumerable<string> Names() => Architectures.SelectMany(Candidates).Where(IsExecutable);

    /// <summary>The emulator of guests of an architecture (null: the host's); null when there is none.</summary>
    public static string? Find(string? architecture = null) => Candidates(architecture ?? HostArchitecture).FirstOrDefault(IsExecutable);

    // The name of an architecture comes from a client: it is one of a few words, never a way to another folder.
    private static IEnumerable<string> Candidates(string guest)
    {
        if (guest.Length is 0 or > 32 || !guest.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            return [];
        List<string> names = [$"qemu-system-{(guest == "i686" ? "i386" : guest)}"];
        if (guest == HostArchitecture)
            names.AddRange(["qemu-kvm", "kvm"]);
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
            ':', StringSplitOptions.RemoveEmptyEntries);
        return names.SelectMany(name => Folders.Concat(path.Where(Path.IsPathRooted)).Select(folder => Path.Combine(folder, name)));
    }

    /// <summary>Throws unless an emulator that virtd may run is there.</summary>
    public static void Check(string emulator)
    {
        if (Path.IsPathRooted(emulator) && IsExecutable(emulator))
            return;
        throw new VirtException(
            VirtErrorCode.ConfigurationUnsupported, $"the emulator '{emulator}' is not an executable file on this host", emulator,
            "Install it, or correct qemu.emulators in virtd.json.");
    }

    private static bool IsExecutable(string path) => File.Exists(path)
        && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
