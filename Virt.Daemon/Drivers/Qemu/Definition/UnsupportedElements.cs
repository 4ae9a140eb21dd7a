using System.Xml.Linq;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>
/// What libvirt's domain XML has below <c>domain</c> and this version does not act on. What the guest would miss fails its start;
/// what only concerns the host's scheduling or confinement stays in the definition, with a warning.
/// </summary>
internal static class UnsupportedElements
{
    private static readonly Dictionary<string, string> Missed = new(StringComparer.Ordinal)
    {
        ["bootloader"] = "boot loaders are not for QEMU",
        ["bootloader_args"] = "boot loaders are not for QEMU",
        ["keywrap"] = "key wrapping is not for x86 machines",
        ["throttlegroups"] = "throttle groups are not supported by this version",
    };

    private static readonly HashSet<string> HostOnly = ["resource", "idmap", "perf"];

    private static readonly HashSet<string> Understood =
    [
        "name", "uuid", "genid", "title", "description", "metadata", "maxMemory", "memory", "currentMemory", "memoryBacking", "vcpu",
        "vcpus", "iothreads", "iothreadids", "defaultiothread", "os", "features", "cpu", "clock", "on_poweroff", "on_reboot", "on_crash",
        "on_lockfailure", "pm", "devices", "sysinfo", "cputune", "numatune", "blkiotune", "memtune", "launchSecurity", "seclabel",
    ];

    /// <summary>Notes lacks and warnings.</summary>
    public static void Check(GuestContext context)
    {
        foreach (XElement element in context.General.Root.Elements().Where(element => element.Name.NamespaceName.Length == 0))
        {
            string name = element.Name.LocalName;
            if (Missed.TryGetValue(name, out string? reason))
                context.FailStart(element, reason, "Remove the element.");
            else if (HostOnly.Contains(name))
                context.Warn(element, "has no effect in this version");
            else if (name == "seclabel")
                CheckLabel(element, context);
            else if (!Understood.Contains(name))
                context.Warn(element, "is unknown and has no effect");
        }
    }

    private static void CheckLabel(XElement label, GuestContext context)
    {
        string? type = label.Choice("type", "dynamic", "static", "none");
        _ = label.Flag("relabel");
        if (type == "static")
            context.FailStart(label, $"guests are not confined with labels of '{label.Text("model") ?? "a security driver"}' here", "Use type='none' or 'dynamic'.");
        else if (type != "none")
            context.Warn(label, "has no effect: guests run as the daemon's user, with QEMU's sandbox");
    }
}
