using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>
/// Keeps what a probe found on disk. A file counts only for the very binary, kernel boot, /dev/kvm, user and Virt version it was
/// made with; one that is torn or foreign is as good as none.
/// </summary>
internal sealed class QemuCapabilitiesFile(string folder)
{
    private const int MaximumBytes = 4 * 1024 * 1024;

    /// <summary>What is stored for the binary; null when nothing that still holds.</summary>
    public async Task<QemuCapabilities?> ReadAsync(string emulator, CancellationToken cancel)
    {
        try
        {
            var file = new FileInfo(PathOf(emulator));
            if (!file.Exists || file.Length > MaximumBytes)
                return null;
            byte[] bytes = await File.ReadAllBytesAsync(file.FullName, cancel).ConfigureAwait(false);
            Stored? stored = JsonSerializer.Deserialize<Stored>(bytes);
            return stored is { IsWhole: true } && stored.Fingerprint == Fingerprint(emulator) ? stored.ToCapabilities(emulator) : null;
        }
        catch (Exception unreadable) when (
            unreadable is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Stores it: a temporary file, then a rename. That it cannot be stored only costs the next start a probe.</summary>
    public async Task WriteAsync(QemuCapabilities found, CancellationToken cancel)
    {
        string path = PathOf(found.Emulator);
        string temporary = $"{path}.{Guid.NewGuid():n}.new";
        try
        {
            Directory.CreateDirectory(folder);
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(Stored.From(Fingerprint(found.Emulator), found));
            await File.WriteAllBytesAsync(temporary, bytes, cancel).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The file of a binary.</summary>
    internal string PathOf(string emulator)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(emulator)).AsSpan(0, 8));
        return Path.Combine(folder, $"capabilities-{Path.GetFileName(emulator)}-{name}.json");
    }

    /// <summary>What a file must say to count for a binary.</summary>
    internal static string Fingerprint(string emulator)
    {
        var binary = new FileInfo(File.ResolveLinkTarget(emulator, returnFinalTarget: true)?.FullName ?? emulator);
        string boot = File.Exists("/proc/sys/kernel/random/boot_id")
            ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()
            : "";
        string kvm = File.Exists("/dev/kvm")
            ? ((int)File.GetUnixFileMode("/dev/kvm")).ToString(CultureInfo.InvariantCulture)
            : "absent";
        string? version = typeof(QemuCapabilitiesFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{emulator}|{binary.Length}|{binary.LastWriteTimeUtc.Ticks}|{boot}|{kvm}|{Environment.UserName}|{version}");
    }

    /// <summary>The file's content; any part may be missing in what is read.</summary>
    private sealed record Stored(
        string? Fingerprint, string? Version, string? Architecture, IReadOnlyList<QemuMachine>? Machines, IReadOnlyList<QemuCpuModel>? CpuModels,
        IReadOnlyList<QemuCpuModel>? KvmCpuModels, IReadOnlyList<string>? CpuFeatures, IReadOnlyList<string>? DeviceTypes, KvmSupport? Kvm)
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public bool IsWhole => this is
        {
            Machines.Count: > 0, CpuModels: not null, KvmCpuModels: not null, CpuFeatures: not null, DeviceTypes: not null,
            Kvm: not null, Version: not null, Architecture: not null,
        };

        public static Stored From(string fingerprint, QemuCapabilities found) => new(
            fingerprint, found.Version, found.Architecture, found.Machines, found.CpuModels, found.KvmCpuModels,
            [.. found.CpuFeatures.Order(StringComparer.Ordinal)], [.. found.DeviceTypes.Order(StringComparer.Ordinal)], found.Kvm);

        public QemuCapabilities ToCapabilities(string emulator) => new(
            emulator, Version!, Architecture!, Machines!, CpuModels!, KvmCpuModels!, CpuFeatures!.ToHashSet(StringComparer.Ordinal),
            DeviceTypes!.ToHashSet(StringComparer.Ordinal), Kvm!);
    }
}
