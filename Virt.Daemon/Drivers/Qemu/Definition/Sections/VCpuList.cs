using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>vcpus</c>: which virtual CPUs are there at start, and which of them are plugged so that they can be unplugged
/// again.</summary>
internal sealed class VCpuList
{
    private VCpuList(IReadOnlyList<int> plugged) => Plugged = plugged;

    /// <summary>Those that are plugged before the guest runs, in order.</summary>
    public IReadOnlyList<int> Plugged { get; }

    /// <summary>Reads and checks the list; null when there is none.</summary>
    public static VCpuList? Read(DomainDefinition general)
    {
        XElement[] elements = [.. general.Root.Element("vcpus")?.Elements("vcpu") ?? []];
        if (elements.Length == 0)
            return null;
        HashSet<int> ids = [], orders = [];
        List<(int Order, int Id)> plugged = [];
        int enabled = 0;
        foreach (XElement element in elements)
        {
            int id = element.Integer("id", 0, int.MaxValue) ?? throw XmlFault.Invalid(element, "the attribute id is missing");
            if (id >= general.MaximumVCpu || !ids.Add(id))
                throw XmlFault.Invalid(element, id >= general.MaximumVCpu ? $"the domain has no virtual CPU {id}" : $"the virtual CPU {id} is listed twice");
            bool isEnabled = element.Flag("enabled") ?? throw XmlFault.Invalid(element, "the attribute enabled is missing");
            bool isPluggable = element.Flag("hotpluggable") ?? id != 0;
            int? order = element.Integer("order", 1, int.MaxValue);
            if (order is { } place && isEnabled && !orders.Add(place))
                throw XmlFault.Invalid(element, $"two virtual CPUs have the order {place}");
            if (!isEnabled && !isPluggable)
                throw XmlFault.Invalid(element, "a virtual CPU that is not enabled must be hotpluggable");
            if (id == 0 && (!isEnabled || isPluggable))
                throw XmlFault.Invalid(element, "the virtual CPU 0 must be enabled and not hotpluggable");
            enabled += isEnabled ? 1 : 0;
            if (isEnabled && isPluggable)
                plugged.Add((order ?? int.MaxValue, id));
        }

        CheckCount(general, enabled);
        return new VCpuList([.. plugged.OrderBy(cpu => cpu.Order).ThenBy(cpu => cpu.Id).Select(cpu => cpu.Id)]);
    }

    private static void CheckCount(DomainDefinition general, int enabled)
    {
        XElement list = general.Root.Element("vcpus")!;
        if (general.Root.Element("vcpu")?.Attribute("current") is null && enabled > 0)
            general.VCpu = enabled;
        if (enabled != general.VCpu)
            throw XmlFault.Invalid(list, $"{enabled} virtual CPUs are enabled, but the domain says {general.VCpu}");
    }
}
