using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>tpm</c>: a trusted platform module, emulated by swtpm, the host's own, or one that somebody else emulates.</summary>
internal sealed class TpmDevice : GuestDevice, IPreparedDevice
{
    private const string CharacterDevice = "chrtpm";
    private const string DefaultHostDevice = "/dev/tpm0";
    private readonly string _type;
    private readonly TpmEmulator? _emulator;

    public TpmDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Model = element.Choice("model", "tpm-tis", "tpm-crb", "tpm-spapr", "spapr-tpm-proxy") ?? "tpm-tis";
        if (Model is "tpm-spapr" or "spapr-tpm-proxy")
            throw XmlFault.Unsupported(element, $"the machine '{context.Machine.Name}' has no TPM '{Model}'", "Use 'tpm-tis' or 'tpm-crb'.");
        if (context.Of<TpmDevice>().Any())
            throw XmlFault.Unsupported(element, "a domain has only one TPM");
        context.RequireDevice(element, Model);
        XElement[] backends = [.. element.Elements("backend")];
        if (backends.Length != 1)
            throw XmlFault.Invalid(element, backends.Length == 0 ? "the element backend is missing" : "a TPM has one backend");
        Backend = backends[0];
        _type = Backend.Choice("type", "passthrough", "emulator", "external")
            ?? throw XmlFault.Invalid(Backend, "the attribute type is missing");
        if (_type == "emulator")
            _emulator = new TpmEmulator(Backend, Model, context);
        else
            _ = HostPath();
        element.SetAttributeValue("model", Model);
    }

    /// <summary>The interface the guest sees: <c>tpm-tis</c> or <c>tpm-crb</c>.</summary>
    public string Model { get; }

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources => _emulator is null ? [] : [new SwtpmProcess(_emulator, Alias)];

    private XElement Backend { get; }

    /// <inheritdoc/>
    public ValueTask PrepareAsync(GuestPreparation host, CancellationToken cancel)
    {
        if (_emulator is { Secret: { } secret })
            _emulator.Passphrase = host.Secrets.Use(secret);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string id = $"tpm-{Alias}";
        var options = new OptionString(_type == "passthrough" ? "passthrough" : "emulator").With("id", id);
        if (_type == "passthrough")
        {
            options.With("path", HostPath());
        }
        else
        {
            string path = _type == "external" ? HostPath() : SwtpmProcess.SocketIn(arguments.Paths.RunFolder, Alias);
            new CharacterOptions("socket", CharacterDevice).WithAddress("addr", "unix", ("path", "path", path))
                .WithMember("server", false).AddTo(arguments);
            options.With("chardev", CharacterDevice);
        }

        arguments.Add("-tpmdev", options);
        arguments.AddDevice(NewDevice(Model).With("tpmdev", id));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("tpm");

    /// <summary>The host's TPM, or the socket of somebody else's emulator.</summary>
    private string HostPath()
    {
        if (_type == "passthrough")
        {
            XElement device = Backend.GetOrAdd("device");
            device.SetDefault("path", DefaultHostDevice);
            return device.AbsolutePath("path") ?? throw XmlFault.Invalid(device, "the attribute path is missing");
        }

        XElement source = Backend.Element("source") ?? throw XmlFault.Invalid(Backend, "the element source is missing");
        if (source.Required("type") != "unix")
            throw XmlFault.Invalid(source, "an external TPM is reached through a source of type 'unix'");
        if (source.Choice("mode", "connect", "bind") == "bind")
            throw XmlFault.Invalid(source, "an external TPM is one to connect to: mode='connect'");
        return source.AbsolutePath("path") ?? throw XmlFault.Invalid(source, "the attribute path is missing");
    }
}
