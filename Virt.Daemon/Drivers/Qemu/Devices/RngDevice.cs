using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>rng</c>: random numbers from the host, or from an entropy gathering daemon.</summary>
internal sealed class RngDevice : GuestDevice
{
    private readonly string _driver;
    private readonly string _kind;
    private readonly string? _file;
    private readonly CharacterBackend? _daemon;
    private readonly VirtioOptions? _virtio;
    private readonly long? _bytes;
    private readonly long? _period;

    public RngDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        string model = element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional")
            ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        _driver = VirtioOptions.Driver("virtio-rng-pci", model);
        context.RequireDevice(element, _driver);
        XElement backend = element.Element("backend") ?? throw XmlFault.Invalid(element, "the element backend is missing");
        _kind = backend.Choice("model", "random", "builtin", "egd")
            ?? throw XmlFault.Invalid(backend, "the attribute model is missing");
        if (_kind == "egd")
            _daemon = new CharacterBackend(backend, context, defaultType: null);
        if (_kind == "random")
            backend.Value = _file = element.PathOf("backend") ?? "/dev/random";
        _virtio = VirtioOptions.Read(element);
        if (element.Element("rate") is { } rate)
        {
            _bytes = rate.Number("bytes", 1, uint.MaxValue) ?? throw XmlFault.Invalid(rate, "the attribute bytes is missing");
            _period = rate.Number("period", 1, uint.MaxValue) ?? 1000;
        }
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => PciNeed.Express;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string source = $"obj{Alias}";
        JsonObject backend = JsonProperties.Object($"rng-{_kind}", source).With("filename", _file)
            .With("chardev", _daemon?.AddTo(arguments, Alias));
        arguments.AddObject(backend);
        arguments.AddDevice(
            NewDevice(_driver).With("rng", source).With("max-bytes", _bytes).With("period", _period).WithVirtio(_virtio));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("rng");
}
