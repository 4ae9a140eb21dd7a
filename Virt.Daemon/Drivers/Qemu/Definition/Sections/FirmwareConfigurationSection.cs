using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>sysinfo type='fwcfg'</c>: named texts and files that the guest reads from QEMU's <c>fw_cfg</c>.</summary>
internal sealed class FirmwareConfigurationSection : GuestSection
{
    private readonly List<OptionString> _entries = [];

    public FirmwareConfigurationSection(GuestContext context)
        : base(context)
    {
        IEnumerable<XElement> entries = context.General.Root.Elements("sysinfo").Where(information => information.Text("type") == "fwcfg").Elements("entry");
        foreach (XElement entry in entries)
        {
            string name = entry.Required("name");
            if (!name.StartsWith("opt/", StringComparison.Ordinal))
                throw XmlFault.Invalid(entry, $"the name '{name}' does not begin with 'opt/'");
            if (name.StartsWith("opt/ovmf/", StringComparison.Ordinal) || name.StartsWith("opt/org.qemu/", StringComparison.Ordinal))
                throw XmlFault.Invalid(entry, $"the name '{name}' is reserved");
            string? file = entry.AbsolutePath("file");
            if (file is null && entry.Value.Length == 0)
                throw XmlFault.Invalid(entry, "it has neither a text nor the attribute file");
            _entries.Add(new OptionString().With("name", name).With(file is null ? "string" : "file", file ?? entry.Value));
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        foreach (OptionString entry in _entries)
            arguments.Add("-fw_cfg", entry);
    }
}
