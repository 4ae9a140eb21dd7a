using System.Text.RegularExpressions;

namespace Virt.Tests.Daemon;

/// <summary>What holds for the daemon's sources as a whole.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>
    /// Where drivers still name paths to the framework: how often. These read what the kernel has in /proc, /sys and /dev, or look for
    /// programs in the host's own folders. The numbers only go down: for everything else there is Virt.Daemon/Files.
    /// </summary>
    private static readonly Dictionary<string, int> Remaining = new(StringComparer.Ordinal)
    {
        ["Qemu/Capabilities/EmulatorSearch.cs"] = 2,
        ["Qemu/Capabilities/KvmProbe.cs"] = 1,
        ["Qemu/Capabilities/NodeReader.cs"] = 1,
        ["Qemu/Capabilities/QemuCapabilitiesCache.cs"] = 6,
        ["Qemu/Capabilities/QemuCapabilitiesFile.cs"] = 8,
        ["Qemu/Consoles/PseudoTerminal.cs"] = 2,
        ["Qemu/Definition/Sections/LaunchSecuritySection.cs"] = 1,
        ["Qemu/Definition/Sections/SmbiosSection.cs"] = 2,
        ["Qemu/Devices/Characters/CharacterTls.cs"] = 1,
        ["Qemu/Devices/DiskSources/NbdStorage.cs"] = 1,
        ["Qemu/Devices/DiskSources/NfsStorage.cs"] = 1,
        ["Qemu/Devices/DiskSources/ReservationHelper.cs"] = 1,
        ["Qemu/Devices/Graphics/RenderNode.cs"] = 2,
        ["Qemu/Devices/HostDevices/MediatedDevice.cs"] = 2,
        ["Qemu/Devices/HostDevices/UsbHostDevice.cs"] = 2,
        ["Qemu/Devices/HostDevices/VhostScsiDevice.cs"] = 1,
        ["Qemu/Devices/Interfaces/DirectBackend.cs"] = 2,
        ["Qemu/Devices/Interfaces/TapBackend.cs"] = 2,
        ["Qemu/Devices/Interfaces/VdpaBackend.cs"] = 1,
        ["Qemu/Devices/Tpm/TpmPrograms.cs"] = 1,
        ["Qemu/Devices/VsockDevice.cs"] = 1,
        ["Qemu/Process/GuestProcess.cs"] = 3,
        ["Qemu/Process/PidFile.cs"] = 1,
        ["Qemu/Process/Privileges.cs"] = 2,
        ["Qemu/Process/ProcessIdentity.cs"] = 1,
        ["Qemu/Process/ProcessTimes.cs"] = 1,
        ["Qemu/Process/QemuUser.cs"] = 1,
        ["Qemu/Resources/Groups/ControlGroups.cs"] = 4,
        ["Qemu/Resources/Groups/GuestGroup.cs"] = 11,
        ["Qemu/Resources/Groups/GuestScope.cs"] = 1,
        ["Qemu/Resources/HostMemoryCheck.cs"] = 4,
        ["Qemu/Resources/Network/HostTool.cs"] = 1,
        ["Qemu/Resources/Passthrough/HostPciDevice.cs"] = 10,
        ["Qemu/Resources/Passthrough/HostScsiDevice.cs"] = 2,
        ["Qemu/Resources/Passthrough/HostUsbDevice.cs"] = 3,
        ["Qemu/Supervisor/GuestThreads.cs"] = 1,
        ["Qemu/Supervisor/HostInterfaceCounters.cs"] = 2,
        ["Qemu/Supervisor/HostNeighbours.cs"] = 1,
        ["Storage/Iso/IsoDirectory.cs"] = 2,
    };

    [Fact]
    public void Drivers_open_make_delete_and_connect_by_the_helper_for_paths()
    {
        string drivers = Path.Combine(Root(), "Virt.Daemon", "Drivers");
        var tooMany = Directory.EnumerateFiles(drivers, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Name: Path.GetRelativePath(drivers, path), Count: Uses(File.ReadLines(path))))
            .Where(file => file.Count > Remaining.GetValueOrDefault(file.Name))
            .Select(file => $"{file.Name}: {file.Count} uses of File, Directory or a socket's path, {Remaining.GetValueOrDefault(file.Name)} allowed; use HostFile, HostFolder, Folders, FolderTree or HostSocket")
            .Order(StringComparer.Ordinal);
        Assert.Empty(tooMany);
    }

    [Fact]
    public void Only_the_helper_for_paths_makes_the_calls_of_the_kernel_that_take_a_path()
    {
        string daemon = Path.Combine(Root(), "Virt.Daemon");
        string[] elsewhere = ["Drivers/Qemu/Consoles/PseudoTerminal.cs", "Drivers/Qemu/Resources/Network/TapInterface.cs"];
        IEnumerable<string> calling = Directory.EnumerateFiles(daemon, "*.cs", SearchOption.AllDirectories)
            .Where(path => Calls().IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(daemon, path))
            .Where(name => !name.StartsWith("Files/", StringComparison.Ordinal) && !name.StartsWith("obj/", StringComparison.Ordinal));
        Assert.Equal([.. elsewhere, "Rpc/Listeners/UnixSocketListener.cs"], calling.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_helper_for_paths_knows_nothing_of_what_is_above_it()
    {
        string files = Path.Combine(Root(), "Virt.Daemon", "Files");
        Assert.All(Directory.EnumerateFiles(files, "*.cs"), path => Assert.DoesNotContain(
            File.ReadLines(path), line => line.StartsWith("using Virt.Daemon.", StringComparison.Ordinal) && line != "using Virt.Daemon.Native;"));
    }

    private static int Uses(IEnumerable<string> lines) =>
        lines.Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)).Sum(line => ByPath().Count(line));

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Virt.psd1")))
            folder = Path.GetDirectoryName(folder);
        return folder!;
    }

    [GeneratedRegex(@"(?<![\w""])(System\.IO\.)?(File|Directory|FileInfo|DirectoryInfo)\.[A-Z]|new (FileStream|FileInfo|DirectoryInfo|StreamReader|StreamWriter)\(|FileStream \w+ = new\(|UnixDomainSocketEndPoint")]
    private static partial Regex ByPath();

    [GeneratedRegex(@"EntryPoint = ""(open|openat|openat2|unlink|unlinkat|rename|renameat|renameat2|link|linkat|symlink|symlinkat|mkdir|mkdirat|chown|lchown|chmod)""")]
    private static partial Regex Calls();
}
