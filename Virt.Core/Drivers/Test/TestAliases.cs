using System.Globalization;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Drivers.Test;

/// <summary>Gives the devices of a running test domain their aliases; those that have one keep it.</summary>
internal static class TestAliases
{
    public static void Write(XElement devices)
    {
        HashSet<string> taken = [.. devices.Elements().Select(DeviceElement.Alias).OfType<string>()];
        var next = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (XElement device in devices.Elements().Where(DeviceOrder.IsDevice))
        {
            if (DeviceElement.Alias(device) is not null)
                continue;
            string prefix = Prefix(device);
            string alias;
            do
            {
                int number = next.GetValueOrDefault(prefix);
                next[prefix] = number + 1;
                alias = prefix + number.ToString(CultureInfo.InvariantCulture);
            }
            while (!taken.Add(alias));
            device.Add(new XElement("alias", new XAttribute("name", alias)));
        }
    }

    private static string Prefix(XElement device) => device.Name.LocalName switch
    {
        "disk" => $"{DeviceElement.Attribute(device, "target", "bus") ?? "virtio"}-disk",
        "interface" => "net",
        "controller" => (string?)device.Attribute("type") ?? "controller",
        "memballoon" => "balloon",
        "memory" => "dimm",
        var kind => kind,
    };
}
