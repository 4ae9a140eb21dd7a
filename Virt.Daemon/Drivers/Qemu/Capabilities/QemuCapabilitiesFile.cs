using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>
/// Keeps what a probe found on disk. A file counts only for the very binary, kernel boot, /dev/kvm, user and Virt version it was
/// made with; one that is torn or foreign is as good as none.
/// </summary>
internal sealed class QemuCapabilitiesFile(string folder)
{
    private const int MaximumBytes = 4 * 1024 * 1024;

    /// <summary>What is stored for the binary; null when nothing that still holds.</summary>
    public QemuCapabilities? Read(string emulator)
    {
        try
        {
            StoredCapabilities? stored = JsonSerializer.Deserialize(
                HostFile.Read(PathOf(emulator), MaximumBytes), StoredCapabilitiesJson.Default.StoredCapabilities);
            return stored is { IsWhole: true } && stored.Fingerprint == Fingerprint(emulator) ? stored.ToCapabilities(emulator) : null;
        }
        catch (Exception unreadable) when (
            unreadable is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Stores it. That it cannot be stored only costs the next start a probe.</summary>
    public void Write(QemuCapabilities found)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (string rubbish in Directory.EnumerateFiles(folder, "*" + DurableFile.TemporaryExtension))
                DurableFile.TryDelete(rubbish);
            DurableFile.Write(PathOf(found.Emulator),
                JsonSerializer.SerializeToUtf8Bytes(
                    StoredCapabilities.From(Fingerprint(found.Emulator), found), StoredCapabilitiesJson.Default.StoredCapabilities));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or VirtException)
        {
            // The next start of virtd probes again.
        }
    }

    /// <summary>The file of a binary.</summary>
    internal string PathOf(string emulator) => Path.Combine(folder, $"capabilities-{Uri.EscapeDataString(emulator)}.json");

    /// <summary>What a file must say to count for a binary.</summary>
    internal static string Fingerprint(string emulator)
    {
        var binary = new FileInfo(File.ResolveLinkTarget(emulator, returnFinalTarget: true)?.FullName ?? emulator);
        ulong inode = FileStatus.TryRead(emulator)?.Inode ?? 0;
        string boot = File.Exists("/proc/sys/kernel/random/boot_id")
            ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()
            : "";
        string kvm = File.Exists("/dev/kvm")
            ? ((int)File.GetUnixFileMode("/dev/kvm")).ToString(CultureInfo.InvariantCulture)
            : "absent";
        string? version = typeof(QemuCapabilitiesFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{emulator}|{inode}|{binary.Length}|{binary.LastWriteTimeUtc.Ticks}|{boot}|{kvm}|{Environment.UserName}|{version}");
    }
}
