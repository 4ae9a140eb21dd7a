using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>sound</c>: a sound card. Those of Intel's HD Audio have codecs; a duplex one unless the definition says.</summary>
internal sealed class SoundDevice : GuestDevice, IUsbDevice
{
    private static readonly Dictionary<string, string> Drivers = new(StringComparer.Ordinal)
    {
        ["es1370"] = "ES1370", ["ac97"] = "AC97", ["ich6"] = "intel-hda", ["ich9"] = "ich9-intel-hda", ["usb"] = "usb-audio", ["sb16"] = "sb16",
    };

    private readonly string _model;
    private readonly AudioReference _audio;

    public SoundDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _model = element.Choice("model", "sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "ich7")
            ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        if (_model == "ich7")
            throw XmlFault.Unsupported(element, "QEMU has no sound card 'ich7'", "Use 'ich6' or 'ich9'.");
        if (_model != "pcspk")
            context.RequireDevice(element, Drivers[_model]);
        _audio = new AudioReference(element, context);
        foreach (XElement codec in element.Elements("codec"))
        {
            _ = codec.Choice("type", "duplex", "micro", "output") ?? throw XmlFault.Invalid(codec, "the attribute type is missing");
            if (!HasCodecs)
                throw XmlFault.Unsupported(codec, $"a sound card '{_model}' has no codecs");
        }
    }

    /// <inheritdoc/>
    public bool IsOnUsb => _model == "usb";

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _model is "es1370" or "ac97" or "ich6" or "ich9" ? PciNeed.Conventional : PciNeed.None;

    private bool HasCodecs => _model is "ich6" or "ich9";

    /// <inheritdoc/>
    public override void Connect() => _audio.Check();

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_model == "pcspk")
        {
            arguments.Add("-machine", new OptionString().With("pcspk-audiodev", _audio.Id));
            return;
        }

        arguments.AddDevice(NewDevice(Drivers[_model]).OnUsb(UsbPort, Context).With("audiodev", HasCodecs ? null : _audio.Id));
        if (!HasCodecs)
            return;
        string[] codecs = [.. Element.Elements("codec").Select(codec => codec.Text("type")!)];
        foreach ((int number, string type) in (codecs.Length > 0 ? codecs : ["duplex"]).Index())
        {
            arguments.AddDevice(JsonProperties.Device(
                    $"hda-{type}", string.Create(CultureInfo.InvariantCulture, $"{Alias}-codec{number}"))
                .With("bus", $"{Alias}.0").With("cad", number).With("audiodev", _audio.Id));
        }
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("sound");
}
