using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Definition.Sections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>
/// A definition as QEMU will run it: checked as a whole, its defaults, addresses and implied devices written into the tree.
/// Not to be shared between threads while a guest starts.
/// </summary>
internal sealed class GuestDefinition
{
    private const int MaximumDevices = 4096;

    private readonly GuestContext _context;
    private readonly IReadOnlyList<GuestSection> _sections;
    private readonly BootSection? _boot;
    private readonly PassthroughSection? _passthrough;

    private readonly IReadOnlyDictionary<XElement, XElement>? _live;

    private GuestDefinition(DomainDefinition general, QemuCapabilities capabilities, GuestHost host, IReadOnlyDictionary<XElement, XElement>? live)
    {
        _live = live;
        _context = new GuestContext(general, capabilities, ReadAccelerator(general), host);
        WriteEmulator(general, capabilities);
        var machine = new MachineSection(_context);
        UnsupportedElements.Check(_context);
        _sections = [machine, .. ReadSections()];
        if (_context.Memory is null)
            _context.Faults.Throw();
        _boot = _sections.OfType<BootSection>().FirstOrDefault();
        _passthrough = _sections.OfType<PassthroughSection>().FirstOrDefault();
        ReadDevices();
        _context.Faults.Throw();
    }

    /// <summary>The definition with all that was filled in.</summary>
    public DomainDefinition General => _context.General;

    /// <summary>The devices, implied ones too, each with its alias and address.</summary>
    public IReadOnlyList<GuestDevice> Devices => _context.Devices;

    /// <summary>What runs the guest's instructions.</summary>
    public Accelerator Accelerator => _context.Accelerator;

    /// <summary>The host's side.</summary>
    public GuestHost Host => _context.Host;

    /// <summary>The machine.</summary>
    public QemuMachine Machine => _context.Machine;

    /// <summary>The guest's architecture.</summary>
    public string Architecture => _context.Capabilities.Architecture;

    /// <summary>Whether the guest has ACPI, by which it is asked to shut down.</summary>
    public bool HasAcpi => _sections.OfType<FeaturesSection>().Any(features => features.HasAcpi);

    /// <summary>What the host must give before QEMU starts, in order.</summary>
    public IReadOnlyList<IHostResource> Resources =>
        [.. _sections.SelectMany(section => section.Resources), new FileGrant("os", MachineFiles.Of(General.Root, _sections)), .. Devices.SelectMany(device => device.All)];

    /// <summary>What <c>-display</c> is given.</summary>
    public string Display => Devices.OfType<GraphicsDevice>().Select(graphics => graphics.Display).FirstOrDefault(display => display is not null) ?? "none";

    /// <summary>Elements that have no effect, for the log; one sentence each.</summary>
    public IReadOnlyList<string> Warnings => _context.Warnings;

    /// <summary>The emulator that a definition names; null for the host's default. Checked to be an absolute path.</summary>
    public static string? EmulatorOf(DomainDefinition general) => general.Root.Element("devices")?.PathOf("emulator");

    /// <summary>
    /// Checks a definition and fills it in; <paramref name="general"/> is changed. What an export of a running guest has more
    /// than a definition is taken out.
    /// </summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.XmlError"/> or <see
    /// cref="VirtErrorCode.ConfigurationUnsupported"/>:
    /// all that is wrong, with lines.</exception>
    public static GuestDefinition Parse(DomainDefinition general, QemuCapabilities capabilities, GuestHost? host = null)
    {
        LiveState.Strip(general.Root);
        return new GuestDefinition(general, capabilities, host ?? GuestHost.System, live: null);
    }

    /// <summary>
    /// Reads back the live XML of a guest that runs, as <see cref="ToXml"/> wrote it: devices keep their aliases and live
    /// information, and nothing is implied that the guest was started without. A device that was added since gets an alias and an
    /// address that are free.
    /// </summary>
    public static GuestDefinition ParseLive(DomainDefinition general, QemuCapabilities capabilities, GuestHost? host = null)
    {
        IReadOnlyDictionary<XElement, XElement> live = LiveTree.Remember(general.Root);
        LiveState.Strip(general.Root);
        var guest = new GuestDefinition(general, capabilities, host ?? GuestHost.System, live);
        LiveTree.Read(guest.Devices, live);
        return guest;
    }

    /// <summary>Looks up on the host what the devices refer to. To be done once, before the command line is written.</summary>
    /// <exception cref="VirtException">Something is not to be had.</exception>
    public async ValueTask PrepareAsync(GuestPreparation host, CancellationToken cancel)
    {
        foreach (IPreparedDevice device in _sections.OfType<IPreparedDevice>().Concat(Devices.OfType<IPreparedDevice>()))
            await device.PrepareAsync(host, cancel).ConfigureAwait(false);
    }

    /// <summary>The domain XML.</summary>
    /// <param name="live">Whether aliases and live information are in it.</param>
    /// <param name="secure">Whether passwords are in it. What is stored must have them; what a reader sees must not.</param>
    public string ToXml(bool live, bool secure = false)
    {
        DomainDefinition copy = General.Clone();
        if (live)
        {
            LiveTree.Write(Devices, General.Root, copy.Root);
            foreach (GuestSection section in _sections)
                section.WriteLive(copy);
        }

        if (!secure)
            DefinitionSecrets.Remove(copy);
        return copy.ToXml();
    }

    /// <summary>Throws when the host or QEMU lacks something that the definition asks for.</summary>
    internal void CheckStart() => _context.StartFaults.Throw();

    /// <summary>Writes the options outside devices.</summary>
    internal void AddSections(QemuArguments arguments)
    {
        foreach (GuestSection section in _sections)
            section.AddShared(arguments);
        arguments.Add("-machine", arguments.Machine);
        arguments.Add("-accel", arguments.Accelerator);
        arguments.Add("-cpu", arguments.Cpu);
        foreach (GuestSection section in _sections)
            section.AddTo(arguments);
    }

    /// <summary>Writes the devices: controllers first, in the order in which buses come to be.</summary>
    internal void AddDevices(QemuArguments arguments)
    {
        foreach (GuestDevice device in Devices.OrderBy(Rank))
        {
            device.AddTo(arguments);
            foreach (PostStartCommand command in (device as IPostStart)?.PostStart() ?? [])
                arguments.AddPostStart(command);
        }

        if (CharacterPaths.Query(Devices) is { } query)
            arguments.AddPostStart(query);
    }

    /// <summary>Writes what the definition passes through.</summary>
    internal void AddLast(QemuArguments arguments) => _passthrough?.AddLast(arguments);

    private static Accelerator ReadAccelerator(DomainDefinition general) => general.Type switch
    {
        "kvm" => Accelerator.Kvm,
        "qemu" => Accelerator.Tcg,
        var other =>
            throw XmlFault.Unsupported(
                general.Root.Attribute("type")!, $"the domain type '{other}' is not one of QEMU's", "Use 'kvm' or 'qemu'."),
    };

    private static void WriteEmulator(DomainDefinition general, QemuCapabilities capabilities)
    {
        XElement devices = general.Section("devices");
        if (devices.Element("emulator") is null)
            devices.AddFirst(new XElement("emulator", capabilities.Emulator));
        if (devices.Elements().Count() > MaximumDevices)
            throw XmlFault.Invalid(devices, $"a domain has at most {MaximumDevices} devices");
    }

    private static int Rank(GuestDevice device) => device switch
    {
        AudioDevice => -2,
        IommuDevice => -2_000_000,
        PciController controller => controller.Order - 1_000_000,
        CcidController => -1,
        UsbController { IsCompanion: false } => -1001,
        HubDevice hub => hub.UsbPort!.Path.Count - 100,
        ControllerDevice => -1000,
        _ => 0,
    };

    private IEnumerable<GuestSection> ReadSections()
    {
        Func<GuestSection?>[] readers =
        [
            () => new FirmwareSection(_context), () => new CpuSection(_context), () => new FeaturesSection(_context),
            () => new KvmFeaturesSection(_context), () => new HypervSection(_context), () => new MemorySection(_context),
            () => new TopologySection(_context), () => _context.Memory is null ? null : new NumaSection(_context),
            () => new IOThreadsSection(_context), () => new TuningSection(_context), () => new SmbiosSection(_context),
            () => new FirmwareConfigurationSection(_context), () => new LaunchSecuritySection(_context),
            () => new GenerationIdSection(_context), () => new ClockSection(_context), () => new PowerSection(_context),
            () => new BootSection(_context), () => new PassthroughSection(_context),
        ];
        return readers.Select(reader => _context.Faults.Try(reader)).OfType<GuestSection>();
    }

    private void ReadDevices()
    {
        XElement devices = General.Section("devices");
        _context.Faults.Try(() => ConsolePair.Complete(devices));
        foreach (XElement element in devices.Elements().Where(element => element.Name.LocalName != "console").ToArray())
            _context.Read(element);
        _context.Faults.Throw();
        foreach (XElement element in devices.Elements("console").ToArray())
            _context.Read(element);
        _context.Faults.Throw();
        if (_live is null)
            ImplyDevices();
        for (int next = 0; next < Devices.Count; next++)
            _context.Faults.Try(Devices[next].Connect);
        _context.Faults.Try(() => UsbAssignment.Run(_context));
        _context.Faults.Try(() => VirtioSerialAssignment.Run(_context));
        _context.Faults.Throw();
        _context.Faults.Try(() => PciAssignment.Run(_context));
        _context.Sort();
        _context.Faults.Try(() => _boot?.Order());
        var aliases = new DeviceAliases(_live);
        foreach (GuestDevice device in Devices)
            _context.Faults.Try(() => device.AssignAlias(aliases));
    }

    private void ImplyDevices()
    {
        if (_context.MachineKind != MachineKind.Isa && !_context.Of<UsbController>().Any())
            UsbController.ImplyDefault(_context);
        InputDevice.ImplyDefaults(_context);
        VideoDevice.ImplyDefault(_context);
        AudioDevice.ImplyDefault(_context);
        BalloonDevice.ImplyDefault(_context);
        if (_context.MachineKind == MachineKind.Q35 && !_context.Of<SataController>().Any())
            _context.Imply(new XElement("controller", new XAttribute("type", "sata"), new XAttribute("index", 0)));
    }
}
