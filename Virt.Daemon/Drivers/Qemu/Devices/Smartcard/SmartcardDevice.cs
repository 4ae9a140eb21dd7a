using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>smartcard</c>: the host's card, one made of the host's certificates, or one at the other end of a back end.</summary>
internal sealed class SmartcardDevice : GuestDevice, ICharacterDevice
{
    private const string DefaultDatabase = "/etc/pki/nssdb";
    private const int Certificates = 3;
    private readonly string _mode;
    private readonly CharacterBackend? _backend;
    private readonly string[] _certificates = [];
    private readonly string? _database;
    private int _controller;
    private bool _connected;

    public SmartcardDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _mode = element.Choice("mode", "host", "host-certificates", "passthrough")
            ?? throw XmlFault.Invalid(element, "the attribute mode is missing");
        if (_mode == "passthrough")
            _backend = new CharacterBackend(element, context, defaultType: null);
        if (_mode == "host-certificates")
        {
            _certificates = [.. element.Elements("certificate").Select(certificate => certificate.Value.Trim())];
            if (_certificates.Length != Certificates || _certificates.Any(string.IsNullOrEmpty))
                throw XmlFault.Invalid(element, $"a card made of certificates has {Certificates} of them");
            if (_certificates.Any(name => name.Contains('\n', StringComparison.Ordinal)))
                throw XmlFault.Invalid(element, "the name of a certificate is one line");
            _database = element.PathOf("database") ?? DefaultDatabase;
        }

        context.RequireDevice(element, Driver);
        if (element.Element("address") is { } address && address.Text("type") != "ccid")
            throw XmlFault.Unsupported(address, "a smart card has an address of type 'ccid'");
    }

    /// <inheritdoc/>
    public CharacterBackend? Backend => _backend;

    /// <inheritdoc/>
    public override bool ShowsAlias => false;

    private string Driver => _mode == "passthrough" ? "ccid-card-passthru" : "ccid-card-emulated";

    /// <inheritdoc/>
    public override void Connect()
    {
        XElement? address = Element.Element("address");
        _controller = address?.Integer("controller", 0, 255)
            ?? Enumerable.Range(0, 256).First(index => !Context.Of<SmartcardDevice>().TakeWhile(other => other != this).Any(other => other._controller == index));
        if (address?.Integer("slot", 0, int.MaxValue) is > 0)
            Context.FailStart(address, "QEMU's smart card readers have only slot 0");
        if (Context.Of<SmartcardDevice>().Any(other => other != this && other._connected && other._controller == _controller))
            throw XmlFault.Invalid(address ?? Element, $"the reader {_controller} has a card already");
        _connected = true;
        if (!Context.Of<CcidController>().Any(controller => controller.Index == _controller))
            Context.Imply(new XElement("controller", new XAttribute("type", "ccid"), new XAttribute("index", _controller)));
        address = Element.GetOrAdd("address");
        address.SetAttributeValue("type", "ccid");
        address.SetAttributeValue("controller", _controller);
        address.SetDefault("slot", 0);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        JsonObject device = NewDevice(Driver);
        switch (_mode)
        {
            case "passthrough":
                device.With("chardev", _backend!.AddTo(arguments, Alias));
                break;
            case "host":
                device.With("backend", "nss-emulated");
                break;
            default:
                device.With("backend", "certificates");
                foreach ((int number, string certificate) in _certificates.Index())
                    device.With(string.Create(CultureInfo.InvariantCulture, $"cert{number + 1}"), certificate);
                device.With("db", _database);
                break;
        }

        arguments.AddDevice(device.With("bus", Context.Of<CcidController>().First(controller => controller.Index == _controller).Bus()));
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => _backend?.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => _backend?.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("smartcard");
}
