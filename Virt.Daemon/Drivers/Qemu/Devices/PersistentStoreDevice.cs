using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>pstore</c>: a file of the host in which the guest's kernel keeps its last words (ACPI ERST).</summary>
internal sealed class PersistentStoreDevice : GuestDevice
{
    private const string Driver = "acpi-erst";
    private const long SmallestSize = 8192;
    private const long LargestSize = 1 << 30;
    private readonly string _path;
    private readonly long _size;

    public PersistentStoreDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _ = element.Choice("backend", "acpi-erst") ?? throw XmlFault.Invalid(element, "the attribute backend is missing");
        if (context.Of<PersistentStoreDevice>().Any())
            throw XmlFault.Unsupported(element, "a domain has only one pstore");
        _path = element.PathOf("path") ?? throw XmlFault.Invalid(element, "the element path is missing");
        XElement size = element.Element("size") ?? throw XmlFault.Invalid(element, "the element size is missing");
        _size = ScaledSize.Read(size, "KiB");
        if (_size is < SmallestSize or > LargestSize)
            throw XmlFault.Invalid(size, "a pstore has from 8 KiB to 1 GiB");
        context.RequireDevice(element, Driver);
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => PciNeed.Conventional;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string memory = $"mem{Alias}";
        arguments.AddObject(
            JsonProperties.Object("memory-backend-file", memory).With("mem-path", _path).With("size", _size).With("share", true));
        arguments.AddDevice(NewDevice(Driver).With("memdev", memory));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("pstore");
}
