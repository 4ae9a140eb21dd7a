using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>crypto</c>: a virtio device that enciphers for the guest.</summary>
internal sealed class CryptoDevice : GuestDevice
{
    private const string Driver = "virtio-crypto-pci";
    private readonly XElement _backend;
    private readonly string _kind;
    private readonly VirtioOptions? _virtio;

    public CryptoDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _ = element.Choice("model", "virtio") ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        _ = element.Choice("type", "qemu") ?? throw XmlFault.Invalid(element, "the attribute type is missing");
        _backend = element.Element("backend") ?? throw XmlFault.Invalid(element, "the element backend is missing");
        _kind = _backend.Choice("model", "builtin", "lkcf") ?? throw XmlFault.Invalid(_backend, "the attribute model is missing");
        _ = _backend.Number("queues", 0, ushort.MaxValue);
        _virtio = VirtioOptions.Read(element);
        context.RequireDevice(element, Driver);
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => PciNeed.Express;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string source = $"obj{Alias}";
        arguments.AddObject(JsonProperties.Object($"cryptodev-backend-{_kind}", source)
            .With("queues", _backend.Number("queues", 0, ushort.MaxValue) is > 0 and var queues ? queues : null));
        arguments.AddDevice(NewDevice(Driver).With("cryptodev", source).WithVirtio(_virtio));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("crypto");
}
