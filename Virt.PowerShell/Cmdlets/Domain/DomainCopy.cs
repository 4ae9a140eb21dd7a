using System.Xml.Linq;

namespace Virt.PowerShell;

/// <summary>Makes another domain of a definition.</summary>
internal static class DomainCopy
{
    /// <summary>Gives it another name, and takes out what two domains may not both have.</summary>
    public static void Apply(XElement domain, string? newName, bool newId)
    {
        if (newName is not null)
            domain.SetElementValue("name", newName);
        if (!newId)
            return;
        domain.Elements("uuid").Remove();
        if (domain.Element("genid") is { } generation)
            generation.RemoveNodes();
        domain.Elements("os").Elements("nvram").Where(nvram => !nvram.HasElements && nvram.Attribute("template") is null).Remove();
        foreach (XElement nvram in domain.Elements("os").Elements("nvram"))
            nvram.RemoveNodes();
        foreach (XElement sysinfo in domain.Elements("sysinfo").Elements("system").Elements("entry")
            .Where(entry => (string?)entry.Attribute("name") == "uuid").ToArray())
            sysinfo.Remove();
        XElement? devices = domain.Element("devices");
        devices?.Elements("interface").Elements("mac").Remove();
        devices?.Elements("interface").Elements("target").Where(IsMadeUp).Remove();
        devices?.Elements("vsock").Elements("cid").Where(cid => (string?)cid.Attribute("auto") == "yes").Attributes("address").Remove();
    }

    // Names of tap devices that the host chose.
    private static bool IsMadeUp(XElement target) => ((string?)target.Attribute("dev"))?.StartsWith("vnet", StringComparison.Ordinal) == true;
}
