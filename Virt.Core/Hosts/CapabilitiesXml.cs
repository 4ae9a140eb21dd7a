using System.Xml.Linq;

namespace Virt.Hosts;

/// <summary>Writes capabilities as libvirt's documents, https://libvirt.org/formatcaps.html and formatdomaincaps.html, with what
/// is known here.</summary>
public static class CapabilitiesXml
{
    /// <summary>The devices the document has, in the order of its schema.</summary>
    private static readonly string[] Documented = ["disk", "graphics", "video", "rng", "channel"];

    /// <summary>The <c>capabilities</c> document.</summary>
    public static string Format(HostCapabilities host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var cpu = new XElement("cpu", new XElement("arch", host.Architecture), new XElement("model", host.CpuModel));
        if (host.CpuVendor is not null)
            cpu.Add(new XElement("vendor", host.CpuVendor));
        return new XElement(
            "capabilities", new XElement("host", new XElement("uuid", host.HostUuid.ToString("D")), cpu), host.Guests.Select(Guest)).ToString();
    }

    /// <summary>The <c>domainCapabilities</c> document.</summary>
    public static string Format(DomainCapabilities domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return new XElement(
            "domainCapabilities",
            new XElement("path", domain.Emulator), new XElement("domain", domain.Type), new XElement("machine", domain.Machine),
            new XElement("arch", domain.Architecture), new XElement("vcpu", new XAttribute("max", domain.MaximumVCpu)),
            new XElement("cpu", Modes(domain)), new XElement("devices", Documented.SelectMany(name => Device(name, domain)))).ToString();
    }

    private static XElement Guest(GuestCapabilities guest) => new(
        "guest",
        new XElement("os_type", guest.OsType),
        new XElement(
            "arch", new XAttribute("name", guest.Architecture),
            new XElement("wordsize", guest.Architecture is "i686" or "armv7l" ? 32 : 64), new XElement("emulator", guest.Emulator),
            guest.Machines.SelectMany(Machine), guest.DomainTypes.Select(type => new XElement("domain", new XAttribute("type", type)))));

    /// <summary>A machine, and one more element for its alias.</summary>
    private static IEnumerable<XElement> Machine(MachineCapabilities machine)
    {
        var deprecated = machine.Deprecated ? new XAttribute("deprecated", "yes") : null;
        var most = new XAttribute("maxCpus", machine.MaximumVCpu);
        yield return new XElement("machine", most, deprecated, machine.Name);
        if (machine.Alias is not null)
            yield return new XElement("machine", new XAttribute("canonical", machine.Name), most, deprecated, machine.Alias);
    }

    private static IEnumerable<XElement> Modes(DomainCapabilities domain)
    {
        bool kvm = domain.Type == "kvm";
        yield return Mode("host-passthrough", kvm);
        yield return Mode("maximum", true);
        yield return Mode("host-model", true);
        XElement custom = Mode("custom", domain.CpuModels.Count > 0);
        foreach (CpuModelCapabilities model in domain.CpuModels)
        {
            custom.Add(new XElement(
                "model", new XAttribute("vendor", "unknown"), new XAttribute(
                    "usable", model.Usable switch { true => "yes", false => "no", null => "unknown" }),
                model.Deprecated ? new XAttribute("deprecated", "yes") : null, model.Name));
        }

        yield return custom;
    }

    private static XElement Mode(string name, bool supported) =>
        new("mode", new XAttribute("name", name), new XAttribute("supported", supported ? "yes" : "no"));

    private static IEnumerable<XElement> Device(string name, DomainCapabilities domain)
    {
        DeviceCapabilities[] attributes = [.. domain.Devices.Where(device => device.Element == name)];
        if (attributes.Length > 0)
            yield return new XElement(name, new XAttribute("supported", "yes"), attributes.Select(Values));
    }

    private static XElement Values(DeviceCapabilities device) => new(
        "enum", new XAttribute("name", device is { Element: "disk", Attribute: "device" } ? "diskDevice" : device.Attribute),
        device.Values.Select(value => new XElement("value", value)));
}
