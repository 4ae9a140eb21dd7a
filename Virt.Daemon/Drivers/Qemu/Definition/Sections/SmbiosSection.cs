using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>os/smbios</c> and <c>sysinfo type='smbios'</c>: what the guest reads of its vendor, model and serial
/// numbers.</summary>
internal sealed class SmbiosSection : GuestSection
{
    private const string HostTables = "/sys/class/dmi/id";

    /// <summary>SMBIOS structure, its element, and per entry QEMU's key and, where libvirt gives the host's, its file.</summary>
    private static readonly (int Type, string Element, (string Entry, string? HostFile)[] Entries)[] Structures =
    [
        (0, "bios", [("vendor", "bios_vendor"), ("version", "bios_version"), ("date", "bios_date"), ("release", "bios_release")]),
        (1, "system",
        [
            ("manufacturer", "sys_vendor"), ("product", "product_name"), ("version", "product_version"), ("serial", "product_serial"),
            ("uuid", null), ("sku", "product_sku"), ("family", "product_family"),
        ]),
        (2, "baseBoard", [("manufacturer", null), ("product", null), ("version", null), ("serial", null), ("asset", null), ("location", null)]),
        (3, "chassis", [("manufacturer", null), ("version", null), ("serial", null), ("asset", null), ("sku", null)]),
    ];

    private readonly string _mode;
    private readonly XElement? _system;

    public SmbiosSection(GuestContext context)
        : base(context)
    {
        XElement? element = context.General.Section("os").Element("smbios");
        _mode = element is null ? "emulate" : element.Choice("mode", "emulate", "host", "sysinfo")
            ?? throw XmlFault.Invalid(element, "the attribute mode is missing");
        XElement[] tables = [.. context.General.Root.Elements("sysinfo").Where(information => information.Choice("type", "smbios", "fwcfg") != "fwcfg")];
        if (tables.Length > 1)
            throw XmlFault.Invalid(tables[1], "a domain has one of type 'smbios'");
        _system = tables.FirstOrDefault();
        if (_system is not null)
            Check(_system);
        if (_mode == "sysinfo" && _system is null)
            context.FailStart(element!, "the domain has no sysinfo", "Add <sysinfo type='smbios'>.");
        if (_mode == "host" && !Directory.Exists(HostTables))
            context.FailStart(element!, "this host has no SMBIOS tables to copy", "Use mode='sysinfo'.");
        if (_mode != "sysinfo" && _system is not null)
            context.Warn(_system, "has no effect without <smbios mode='sysinfo'/> in os");
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_mode == "host")
            AddHost(arguments);
        if (_mode != "sysinfo" || _system is null)
            return;
        foreach ((int type, string name, (string Entry, string?)[] entries) in Structures)
        {
            foreach (XElement structure in _system.Elements(name))
                Add(arguments, type, entries.Select(entry => (entry.Entry, Value(structure, entry.Entry))));
        }

        XElement[] strings = [.. _system.Element("oemStrings")?.Elements("entry") ?? []];
        if (strings.Length > 0)
            Add(arguments, 11, strings.Select(entry => ("value", (string?)entry.Value)));
    }

    private static void AddHost(QemuArguments arguments)
    {
        foreach ((int type, _, (string Entry, string? File)[] entries) in Structures.Where(structure => structure.Type < 2))
            Add(arguments, type, entries.Select(entry => (entry.Entry, entry.File is null ? null : ReadHost(entry.File))));
    }

    private static string? ReadHost(string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(HostTables, name)).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Add(QemuArguments arguments, int type, IEnumerable<(string Key, string? Value)> entries)
    {
        OptionString option = new OptionString().With("type", type);
        (string Key, string? Value)[] given = [.. entries.Where(entry => entry.Value is not null)];
        foreach ((string key, string? value) in given)
            option.With(key, value);
        if (given.Length > 0)
            arguments.Add("-smbios", option);
    }

    private static string? Value(XElement structure, string entry) =>
        structure.Elements("entry").FirstOrDefault(candidate => candidate.Text("name") == entry)?.Value;

    private void Check(XElement system)
    {
        foreach (XElement entry in system.Elements().Where(child => child.Name.LocalName != "oemStrings").Elements("entry"))
            entry.Required("name");
        XElement? date = Entry(system, "bios", "date");
        if (date is not null && !DateTime.TryParseExact(
            date.Value, ["MM/dd/yyyy", "M/d/yyyy", "MM/dd/yy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            throw XmlFault.Invalid(date, $"'{date.Value}' is not a date as 12/31/2024");
        if (Entry(system, "system", "uuid") is not { } uuid)
            return;
        if (!Guid.TryParse(uuid.Value.Trim(), out Guid id))
            throw XmlFault.Invalid(uuid, $"'{uuid.Value}' is not a uuid");
        if (id != Context.General.Uuid)
            throw XmlFault.Invalid(uuid, $"it is not the domain's uuid {Context.General.Uuid:D}");
    }

    private static XElement? Entry(XElement system, string structure, string name) =>
        system.Element(structure)?.Elements("entry").FirstOrDefault(entry => entry.Text("name") == name);
}
