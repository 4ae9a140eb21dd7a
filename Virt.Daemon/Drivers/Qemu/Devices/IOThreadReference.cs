using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Sections;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>driver iothread</c> attribute.</summary>
internal static class IOThreadReference
{
    /// <summary>QEMU's id of the thread that the attribute names; null when there is none.</summary>
    public static string? Read(XElement driver, GuestContext context)
    {
        if (driver.Integer("iothread", 1, int.MaxValue) is not { } number)
            return null;
        return IOThreadsSection.Numbers(context.General).Contains(number)
            ? string.Create(CultureInfo.InvariantCulture, $"iothread{number}")
            : throw XmlFault.Invalid(
                driver.Attribute("iothread")!, $"there is no iothread {number}", "Add iothreads to the domain.");
    }
}
