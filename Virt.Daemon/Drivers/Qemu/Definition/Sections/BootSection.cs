using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>
/// What the guest boots: direct kernel, ACPI tables, and the order of devices, either per device (<c>boot order</c>) or per class
/// (<c>os/boot</c>). QEMU knows only the first, so that a class becomes its first device.
/// </summary>
internal sealed class BootSection : GuestSection
{
    private readonly XElement _os;
    private readonly string? _kernel;
    private readonly string? _initrd;
    private readonly string? _commandLine;
    private readonly bool? _menu;
    private readonly long? _menuTimeout;
    private readonly long? _rebootTimeout;
    private readonly bool _serialOutput;
    private readonly List<string> _tables = [];

    public BootSection(GuestContext context)
        : base(context)
    {
        _os = context.General.Section("os");
        _kernel = _os.PathOf("kernel");
        _initrd = _os.PathOf("initrd");
        _commandLine = _os.Element("cmdline") is { } line && line.Value.Trim() is { Length: > 0 } text ? text : null;
        if (_kernel is null && (_initrd ?? _commandLine) is not null)
            throw XmlFault.Invalid(
                _os.Element("initrd") ?? _os.Element("cmdline")!, "it has no effect without the element kernel");
        if (_os.Element("bootmenu") is { } menu)
        {
            _menu = menu.Flag("enable");
            _menuTimeout = menu.Number("timeout", 0, 65535);
        }

        _rebootTimeout = _os.Element("bios")?.Number("rebootTimeout", -1, 65535);
        _serialOutput = _os.Element("bios")?.Flag("useserial") == true;
        if (_serialOutput)
            context.RequireDevice(_os.Element("bios")!, "sga");
        foreach (XElement table in _os.Element("acpi")?.Elements("table") ?? [])
        {
            if (table.Choice("type", "slic") is null)
                throw XmlFault.Invalid(table, "the attribute type is missing");
            _tables.Add(
                table.Value.Trim() is ['/', ..] path ? path : throw XmlFault.Invalid(table, $"'{table.Value.Trim()}' is not an absolute path"));
        }

        if (_os.Element("dtb") is { } tree)
            context.FailStart(tree, "x86 machines have no device tree");
    }

    /// <summary>Gives devices their boot index; runs once all devices are known.</summary>
    public void Order()
    {
        var taken = new SortedDictionary<int, GuestDevice>();
        foreach (GuestDevice device in Context.Devices)
        {
            if (device.Element.Element("boot")?.Integer("order", 1, 255) is not { } order)
                continue;
            if (device.BootClass is null)
                throw XmlFault.Unsupported(device.Element.Element("boot")!, "the guest cannot boot from this device");
            if (!taken.TryAdd(order, device))
                throw XmlFault.Invalid(device.Element.Element("boot")!, $"two devices have the boot order {order}");
            device.BootIndex = order;
        }

        XElement[] classes = [.. _os.Elements("boot")];
        if (taken.Count > 0)
        {
            if (classes.Length > 0)
                throw XmlFault.Unsupported(
                    classes[0], "a domain orders its boot per device or per class, not both",
                    "Remove the os boot elements or the boot elements of devices.");
            return;
        }

        if (classes.Length == 0)
            _os.Add(new XElement("boot", new XAttribute("dev", "hd")));
        int index = 0;
        foreach (XElement boot in _os.Elements("boot"))
        {
            string kind = boot.Choice("dev", "hd", "cdrom", "fd", "network")
                ?? throw XmlFault.Invalid(boot, "the attribute dev is missing");
            if (Context.Devices.FirstOrDefault(device => device.BootClass == kind && device.BootIndex is null) is { } first)
                first.BootIndex = ++index;
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        arguments.Add("-boot", new OptionString().With("menu", _menu).With("splash-time", _menuTimeout)
            .With("reboot-timeout", _rebootTimeout).With("strict", true));
        if (_serialOutput)
            arguments.Add("-device", "sga");
        foreach (string table in _tables)
            arguments.Add("-acpitable", new OptionString().With("sig", "SLIC").With("file", table));
        if (_kernel is null)
            return;
        arguments.Add("-kernel", _kernel);
        if (_initrd is not null)
            arguments.Add("-initrd", _initrd);
        if (_commandLine is not null)
            arguments.Add("-append", _commandLine);
    }
}
