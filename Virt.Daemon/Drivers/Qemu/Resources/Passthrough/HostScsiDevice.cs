using System.Globalization;

namespace Virt.Daemon.Drivers.Qemu.Resources.Passthrough;

/// <summary>A SCSI device of the host: an adapter's channel, target and unit.</summary>
/// <param name="Adapter">The adapter, as <c>scsi_host0</c>.</param>
/// <param name="Bus">The channel.</param>
/// <param name="Target">The target.</param>
/// <param name="Unit">The unit.</param>
internal sealed record HostScsiDevice(string Adapter, int Bus, int Target, long Unit)
{
    private const string AdapterPrefix = "scsi_host";

    /// <summary>The generic device (<c>/dev/sgN</c>) by which QEMU talks to it; null when the host has none.</summary>
    public string? FindGeneric(string sysfs = HostPciDevice.Sysfs)
    {
        string host = Adapter.StartsWith(AdapterPrefix, StringComparison.Ordinal) ? Adapter[AdapterPrefix.Length..] : Adapter;
        if (host.Length == 0 || !host.All(char.IsAsciiDigit))
            return null;
        string folder = Path.Combine(
            sysfs, string.Create(CultureInfo.InvariantCulture, $"bus/scsi/devices/{host}:{Bus}:{Target}:{Unit}/scsi_generic"));
        return Directory.Exists(folder) && Directory.EnumerateDirectories(folder).FirstOrDefault() is { } generic
            ? "/dev/" + Path.GetFileName(generic)
            : null;
    }
}
