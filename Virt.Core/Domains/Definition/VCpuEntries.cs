using System.Globalization;
using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Keeps <c>vcpus</c>, where a definition lists its virtual CPUs one by one, in step with their number.</summary>
internal static class VCpuEntries
{
    /// <summary>Enables the first entries that are not, or disables the last that can be unplugged; one per virtual CPU.</summary>
    public static void Set(XElement root, int count, int maximum)
    {
        if (root.Element("vcpus") is not { HasElements: true } list)
            return;
        list.Elements("vcpu").Where(entry => Id(entry) >= maximum).Remove();
        foreach (int id in Enumerable.Range(0, maximum).Except(list.Elements("vcpu").Select(Id)).ToArray())
            list.Add(new XElement("vcpu", new XAttribute("id", id), new XAttribute("enabled", "no"), new XAttribute("hotpluggable", "yes")));
        XElement[] enabled = [.. list.Elements("vcpu").Where(IsEnabled).OrderBy(Id)];
        foreach (XElement entry in list.Elements("vcpu").Where(entry => !IsEnabled(entry)).OrderBy(Id).Take(count - enabled.Length))
            entry.SetAttributeValue("enabled", "yes");
        foreach (XElement entry in enabled.Where(entry => Id(entry) > 0).Reverse().Take(enabled.Length - count))
        {
            entry.SetAttributeValue("enabled", "no");
            entry.SetAttributeValue("hotpluggable", "yes");
            entry.SetAttributeValue("order", null);
        }
    }

    private static bool IsEnabled(XElement entry) => (string?)entry.Attribute("enabled") is "yes" or "on";

    private static int Id(XElement entry) =>
        int.TryParse((string?)entry.Attribute("id"), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : int.MaxValue;
}
