using System.Globalization;

namespace Virt.Daemon.Drivers.Qemu.Resources.Passthrough;

/// <summary>A USB device of the host, as sysfs shows it.</summary>
/// <param name="Bus">Its bus.</param>
/// <param name="Device">Its number there; another each time it is plugged in.</param>
internal readonly record struct HostUsbDevice(int Bus, int Device)
{
    /// <summary>The file by which QEMU opens it.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/dev/bus/usb/{Bus:d3}/{Device:d3}");

    /// <summary>The devices of a vendor and product.</summary>
    /// <param name="vendor">The vendor.</param>
    /// <param name="product">The product.</param>
    /// <param name="sysfs">The root of sysfs.</param>
    public static IReadOnlyList<HostUsbDevice> Find(int vendor, int product, string sysfs = HostPciDevice.Sysfs)
    {
        string root = System.IO.Path.Combine(sysfs, "bus/usb/devices");
        if (!Directory.Exists(root))
            return [];
        return
        [
            .. Directory.EnumerateDirectories(root)
                .Where(folder => Read(folder, "idVendor", NumberStyles.HexNumber) == vendor && Read(folder, "idProduct", NumberStyles.HexNumber) == product)
                .Select(folder => new HostUsbDevice(Read(folder, "busnum", NumberStyles.Integer) ?? 0, Read(folder, "devnum", NumberStyles.Integer) ?? 0))
                .OrderBy(device => device.Bus).ThenBy(device => device.Device),
        ];
    }

    private static int? Read(string folder, string name, NumberStyles style)
    {
        try
        {
            return int.TryParse(File.ReadAllText(System.IO.Path.Combine(folder, name)).Trim(), style, CultureInfo.InvariantCulture, out int number)
                ? number
                : null;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
