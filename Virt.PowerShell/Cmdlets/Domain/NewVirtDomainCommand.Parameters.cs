using System.Management.Automation;
using Virt.Domains.Definition;

namespace Virt.PowerShell;

/// <content>What a domain is made of.</content>
public sealed partial class NewVirtDomainCommand
{
    /// <summary>The domain's name.</summary>
    [Parameter(ParameterSetName = ParametersSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Memory: bytes, or text such as '2G'.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Size]
    public long Memory { get; set; } = 1L << 30;

    /// <summary>The most memory it may have without a restart.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Size]
    [Alias("MaxMemory")]
    public long? MaximumMemory { get; set; }

    /// <summary>Virtual CPUs.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateRange(1, 4096)]
    public int VCpu { get; set; } = 1;

    /// <summary>The most virtual CPUs it may have without a restart.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateRange(1, 4096)]
    [Alias("MaxVCpu")]
    public int? MaximumVCpu { get; set; }

    /// <summary>The CPU: host-passthrough, host-model, maximum, or a model with features.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Alias("CpuModel")]
    [ArgumentCompleter(typeof(CpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Cpu { get; set; }

    /// <summary>The machine type; q35 on x86 where it is to be had.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Machine { get; set; }

    /// <summary>The accelerator: kvm or qemu; without it kvm where it is usable.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("kvm", "qemu")]
    public string? Type { get; set; }

    /// <summary>The firmware.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("bios", "efi")]
    public string? Firmware { get; set; }

    /// <summary>EFI that starts only what is signed.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>Disks: paths, sizes of new images, hashtables, or objects.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [DiskSpec]
    public DiskSpecification[] Disk { get; set; } = [];

    /// <summary>CD images on the host.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Alias("Iso")]
    [CdromSpec]
    public DiskSpecification[] Cdrom { get; set; } = [];

    /// <summary>Network cards; without it one on QEMU's user-mode network.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Alias("Nic")]
    [ArgumentCompleter(typeof(NicSpecCompleter))]
    [NicSpec]
    public InterfaceSpecification[]? Network { get; set; }

    /// <summary>Displays.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ArgumentCompleter(typeof(GraphicsSpecCompleter))]
    [GraphicsSpec]
    public GraphicsSpecification[] Graphics { get; set; } = [];

    /// <summary>The model of the graphics card.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("vga", "virtio", "qxl", "bochs", "cirrus", "ramfb", "none")]
    public string? Video { get; set; }

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

    /// <summary>The kinds of device to boot from, in order.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateSet("hd", "cdrom", "network", "fd")]
    [ValidateNotNullOrEmpty]
    public string[]? BootOrder { get; set; }

    /// <summary>The serial ports; the first is the console.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ArgumentCompleter(typeof(SerialSpecCompleter))]
    [SerialSpec]
    public SerialSource[] Serial { get; set; } = [SerialSource.Pty];

    /// <summary>A TPM 2.0, emulated by the host.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public SwitchParameter Tpm { get; set; }

    /// <summary>Folders of the host that the guest can mount.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [SharedFolderSpec]
    public SharedFolderSpecification[] SharedFolder { get; set; } = [];

    /// <summary>What cloud-init reads at the first boot: text, a file, or a hashtable.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public object? CloudInit { get; set; }

    /// <summary>A title of one line.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? Title { get; set; }

    /// <summary>A description.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? Description { get; set; }

    /// <summary>Elements in namespaces of their own to keep with the domain.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public DomainXml[] Metadata { get; set; } = [];

    /// <summary>Domain XML: text, lines of text, documents, or files as Get-ChildItem finds them.</summary>
    [Parameter(ParameterSetName = XmlSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public DomainXml[] Xml { get; set; } = [];

    /// <summary>Files with domain XML, on this machine.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [Alias("PSPath", "FullName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Starts it without a definition that outlives the run.</summary>
    [Parameter]
    public SwitchParameter Transient { get; set; }
}
