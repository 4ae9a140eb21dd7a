using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Hosts;

namespace Virt.PowerShell;

/// <summary>Makes a domain from a few parameters, from domain XML, or from files with domain XML.</summary>
[Cmdlet(
    VerbsCommon.New, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low,
    DefaultParameterSetName = ParametersSet)]
[OutputType(typeof(VirtDomain))]
public sealed class NewVirtDomainCommand : HostCommand
{
    private const string ParametersSet = "Parameters";
    private const string XmlSet = "Xml";
    private const string PathSet = "Path";

    private readonly SemaphoreSlim _slots = new(32);
    private DomainMaker? _maker;

    /// <summary>The domain's name.</summary>
    [Parameter(ParameterSetName = ParametersSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Memory: bytes, or text such as '2G'.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Size]
    public long Memory { get; set; } = 1L << 30;

    /// <summary>Virtual CPUs.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateRange(1, 4096)]
    public int VCpu { get; set; } = 1;

    /// <summary>Disk images on the host; the format follows from the extension.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string[] Disk { get; set; } = [];

    /// <summary>A CD image on the host.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Iso { get; set; }

    /// <summary>A kernel on the host to boot.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Kernel { get; set; }

    /// <summary>The kernel's initial RAM disk.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string? Initrd { get; set; }

    /// <summary>The kernel's command line.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? CommandLine { get; set; }

    /// <summary>The machine type; q35 on x86 where it is to be had.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Machine { get; set; }

    /// <summary>The accelerator: kvm or qemu; without it kvm where it is usable.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("kvm", "qemu")]
    public string? Type { get; set; }

    /// <summary>The network card: user for QEMU's user-mode network, or none.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("user", "none")]
    public string Network { get; set; } = "user";

    /// <summary>The screen: vnc on the host's loopback address, or none.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("none", "vnc")]
    public string Graphics { get; set; } = "none";

    /// <summary>The serial console: pty, none, file:PATH or unix:PATH.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidatePattern("^(pty|none|file:.+|unix:.+)$")]
    public string Serial { get; set; } = "pty";

    /// <summary>A title of one line.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? Title { get; set; }

    /// <summary>A description.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? Description { get; set; }

    /// <summary>Domain XML: text, documents, or files as Get-ChildItem finds them.</summary>
    [Parameter(ParameterSetName = XmlSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public DomainXml[] Xml { get; set; } = [];

    /// <summary>Files with domain XML, on this machine.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [Alias("PSPath", "FullName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Starts it.</summary>
    [Parameter]
    public SwitchParameter Start { get; set; }

    /// <summary>Starts it paused, before the guest's first instruction.</summary>
    [Parameter]
    public SwitchParameter Paused { get; set; }

    /// <summary>Starts it without a definition that outlives the run.</summary>
    [Parameter]
    public SwitchParameter Transient { get; set; }

    /// <summary>Checks the XML strictly: what Virt does not know is an error.</summary>
    [Parameter]
    public SwitchParameter Validate { get; set; }

    /// <summary>Replaces the definition of a domain with the same name and uuid.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<VirtHost> hosts = MeantHosts();
        if (hosts.Count != 1)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                new VirtException(
                    VirtErrorCode.InvalidArgument, $"a domain is made on one host, and {hosts.Count} are connected", null,
                    "Name the host with -VirtHost."),
                null));
        }

        VirtHost host = hosts[0];
        foreach ((string xml, object input) in Definitions(host))
            Make(host, xml, input);
        WriteReady();
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => WriteUntilDone();

    private DomainMaker Maker => _maker ??= new DomainMaker(this, _slots)
    {
        Start = Start || Paused, Paused = Paused, Transient = Transient, Validate = Validate, Replace = Force,
    };

    private IEnumerable<(string Xml, object Input)> Definitions(VirtHost host) => ParameterSetName switch
    {
        XmlSet => Xml.SelectMany(xml => xml.File is { } file ? ReadFiles([file]) : [(xml.Text!, xml.Text!)]),
        PathSet => ReadFiles(Path.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _))),
        _ => [(DomainXmlBuilder.Build(AwaitOrEnd(Name, cancel => SpecifyAsync(host, cancel))), Name)],
    };

    private IEnumerable<(string Xml, object Input)> ReadFiles(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            string? xml = null;
            try
            {
                xml = File.ReadAllText(path);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                Fail(unreadable, path);
            }

            if (xml is not null)
                yield return (xml, path);
        }
    }

    private async Task<DomainSpecification> SpecifyAsync(VirtHost host, CancellationToken cancel)
    {
        HostCapabilities capabilities = await CallAsync(
            host, "GetHostCapabilities", (driver, token) => driver.GetHostCapabilitiesAsync(token), cancel).ConfigureAwait(false);
        GuestCapabilities? guest = capabilities.Guests.FirstOrDefault(one => one.Architecture == capabilities.Architecture)
            ?? (capabilities.Guests.Count > 0 ? capabilities.Guests[0] : null);
        string[] serial = Serial.Split(':', 2);
        return new DomainSpecification(Name, Type ?? TypeOf(capabilities, guest), Memory, VCpu)
        {
            Architecture = guest?.Architecture ?? capabilities.Architecture,
            Machine = Machine ?? (HasQ35(guest) ? "q35" : null),
            Title = Title,
            Description = Description,
            Disks = Disk,
            Iso = Iso,
            Kernel = Kernel,
            Initrd = Initrd,
            CommandLine = CommandLine,
            UserNetwork = Network == "user",
            Vnc = Graphics == "vnc",
            Serial = new SerialSource(serial[0], serial.Length > 1 ? serial[1] : null),
        };
    }

    private static bool HasQ35(GuestCapabilities? guest) =>
        guest is not null && guest.Machines.Any(machine => machine.Alias == "q35" || machine.Name == "q35");

    private static string TypeOf(HostCapabilities capabilities, GuestCapabilities? guest)
    {
        if (guest is null || guest.DomainTypes.Count == 0)
            return capabilities.KvmUsable ? "kvm" : "qemu";
        if (capabilities.KvmUsable && guest.DomainTypes.Contains("kvm"))
            return "kvm";
        return guest.DomainTypes.Contains("qemu") ? "qemu" : guest.DomainTypes[0];
    }

    private void Make(VirtHost host, string xml, object input)
    {
        string name;
        Guid? uuid;
        try
        {
            XElement domain = SafeXml.Parse(xml, "domain");
            name = domain.Element("name")?.Value.Trim() ?? "";
            uuid = Guid.TryParse(domain.Element("uuid")?.Value.Trim(), out Guid said) ? said : null;
        }
        catch (VirtException malformed)
        {
            Fail(malformed, input);
            return;
        }

        string verb = Transient ? "Start transient" : Start || Paused ? "Define and start" : "Define";
        string effect = $"{verb} domain '{name}' on {host.Name}";
        if (ShouldProcess(effect, effect + "?", "Confirm"))
            Begin(input, cancel => Maker.MakeAsync(host, xml, name, uuid, cancel));
    }
}
