using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Puts new elements where libvirt's export has them, for readers; the schema takes them in any order.</summary>
internal static class DomainElements
{
    private static readonly string[] Order =
    [
        "name", "uuid", "genid", "title", "description", "metadata", "maxMemory", "memory", "currentMemory", "memoryBacking",
        "vcpu", "vcpus", "iothreads", "iothreadids", "cputune", "numatune", "blkiotune", "memtune", "resource", "sysinfo",
        "bootloader", "os", "features", "cpu", "clock", "on_poweroff", "on_reboot", "on_crash", "pm", "devices", "seclabel",
    ];

    public static XElement GetOrAdd(XElement root, string name)
    {
        if (root.Element(name) is { } found)
            return found;
        var added = new XElement(name);
        int rank = Array.IndexOf(Order, name);
        XElement? before = root.Elements().Reverse()
            .Where(element => Array.IndexOf(Order, element.Name.LocalName) is >= 0 and var r && r < rank)
            .MaxBy(element => Array.IndexOf(Order, element.Name.LocalName));
        if (before is null)
            root.AddFirst(added);
        else
            before.AddAfterSelf(added);
        return added;
    }
}
