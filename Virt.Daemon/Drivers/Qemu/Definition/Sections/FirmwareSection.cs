using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition.Firmware;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>
/// <c>os firmware</c>, <c>loader</c> and <c>nvram</c>: the machine's own BIOS, another image, or UEFI in flash with the guest's
/// variables beside it. Firmware that is to be found is found at each start, and the live definition names it.
/// </summary>
internal sealed class FirmwareSection : GuestSection, IPreparedDevice
{
    private readonly FirmwareRequest _request;
    private readonly NvramSource? _given;
    private readonly bool? _systemManagement;
    private FirmwareImage? _image;

    public FirmwareSection(GuestContext context)
        : base(context)
    {
        XElement? features = context.General.Root.Element("features");
        _request = new FirmwareRequest(context.General.Section("os"), features?.Element("acpi") is not null);
        _systemManagement = features?.Element("smm") is { } management ? management.Flag("state") ?? true : null;
        _given = NvramSource.Read(_request.Nvram);
        if (_request.Secure == true)
            CheckSecure();
        if (_request.IsSplitFlash && _request.Stateless != true && _given is null)
            _given = WriteDefault(context.General.Section("os"));
    }

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources => Variables is { Path: { } path } source
        ? [new NvramFile(path, source.Type == "block", Image.Template, Image.Path!)]
        : [];

    /// <inheritdoc/>
    public override IEnumerable<GuestFile> Files =>
    [
        .. _request.Kind is not null && _image is null || Image.Path is not { } image ? [] : new[] { new GuestFile("firmware", image, Image.ReadOnly || Image.Type != "pflash" ? FileNeed.Read : FileNeed.Write) },
        .. Variables?.Path is { } variables ? [new GuestFile("NVRAM", variables, FileNeed.Write)] : Array.Empty<GuestFile>(),
    ];

    private FirmwareImage Image => _image ??= FirmwareSelector.Select(_request, Context);

    private NvramSource? Variables =>
        _request.Kind is null ? _given
        : Image is { Type: "pflash", Template: not null } ? _given ?? NvramSource.Of(Context.Host.NvramOf(Context.General.Name))
        : null;

    /// <inheritdoc/>
    public ValueTask PrepareAsync(GuestPreparation host, CancellationToken cancel)
    {
        _given?.Prepare(host);
        return default;
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        if (_request.Kind is not null)
            Context.StartFaults.Try(() => _ = Image);
        if (_request.Kind is not null && _image is null)
            return;
        if (Image.Secure && _systemManagement == false)
            Context.FailStart(
                Context.General.Section("os"), $"the firmware '{Image.Path}' needs SMM, which features turns off", "Remove <smm state='off'/>.");
        arguments.Machine.With("smm", Image.Secure && _systemManagement is null ? true : null);
        if (Image.Type != "pflash")
            return;
        arguments.Machine.With("pflash0", "libvirt-pflash0-format").With("pflash1", Variables is null ? null : "libvirt-pflash1-format");
        AddFlash(arguments, 0, NvramSource.Of(Image.Path!), Image.ReadOnly);
        if (Variables is { } variables)
            AddFlash(arguments, 1, variables, readOnly: false);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_image is null)
            return;
        if (Image is { Type: "rom", Path: { } rom })
            arguments.Add("-bios", rom);
        if (Image.Secure)
            arguments.Add("-global", "driver=cfi.pflash01,property=secure,value=on");
    }

    /// <inheritdoc/>
    public override void WriteLive(DomainDefinition copy)
    {
        if (_request.Kind is null || _image is null)
            return;
        XElement os = copy.Section("os");
        os.SetAttributeValue("firmware", null);
        os.Elements("firmware").Remove();
        os.Elements("loader").Remove();
        if (_image.Path is null)
            return;
        var loader = new XElement("loader", new XAttribute("type", _image.Type), _image.Path);
        os.Element("type")!.AddAfterSelf(loader);
        if (_image.Type != "pflash")
            return;
        loader.SetAttributeValue("readonly", "yes");
        loader.SetAttributeValue("secure", _image.Secure ? "yes" : null);
        loader.SetAttributeValue("stateless", Variables is null ? "yes" : null);
        if (Variables is not null)
        {
            if (os.Element("nvram") is null || _given is null)
            {
                os.Elements("nvram").Remove();
                loader.AddAfterSelf(new XElement("nvram", Variables.Path));
            }

            os.Element("nvram")!.SetAttributeValue("template", _image.Template);
        }

        if (_image.Secure && _systemManagement is null)
            copy.Section("features").Add(new XElement("smm", new XAttribute("state", "on")));
    }

    private void AddFlash(QemuArguments arguments, int number, NvramSource source, bool readOnly)
    {
        string storage = $"libvirt-pflash{number}-storage";
        arguments.Add("-blockdev", source.Write(arguments, storage, Context).With("node-name", storage).With("auto-read-only", true).With("discard", "unmap"));
        arguments.Add("-blockdev", new JsonObject { ["node-name"] = $"libvirt-pflash{number}-format" }.With("read-only", readOnly)
            .With("driver", "raw").With("file", storage));
    }

    private NvramSource WriteDefault(XElement os)
    {
        string path = Context.Host.NvramOf(Context.General.Name);
        XElement nvram = _request.Nvram ?? new XElement("nvram");
        if (nvram.Parent is null)
            os.Element("loader")!.AddAfterSelf(nvram);
        nvram.Value = path;
        return NvramSource.Of(path);
    }

    private void CheckSecure()
    {
        XElement loader = _request.Loader!;
        if (Context.MachineKind != MachineKind.Q35)
            throw XmlFault.Unsupported(loader, "Secure Boot needs the machine 'q35'");
        if (_request.Kind is null && _systemManagement != true)
            throw XmlFault.Unsupported(loader, "Secure Boot needs SMM", "Add <smm state='on'/> to features.");
    }
}
