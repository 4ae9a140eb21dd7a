using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>A domain described by what people choose; <see cref="DomainXmlBuilder"/> writes the rest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The domain type: <c>kvm</c>, <c>qemu</c> or <c>test</c>.</param>
/// <param name="Memory">Memory in bytes; rounded up to whole KiB.</param>
/// <param name="VCpu">Virtual CPUs.</param>
public sealed record DomainSpecification(string Name, string Type, long Memory, int VCpu)
{
    /// <summary>The most memory it may have, in bytes; null for as much as it has.</summary>
    public long? MaximumMemory { get; init; }

    /// <summary>The most virtual CPUs it may have; null for as many as it has.</summary>
    public int? MaximumVCpu { get; init; }

    /// <summary>The CPU model: <c>host-passthrough</c>, <c>host-model</c>, <c>maximum</c>, or a model's name with features, as
    /// <c>EPYC,+vmx,-hle</c>. Null for the host's under KVM, the emulator's default elsewhere.</summary>
    public string? Cpu { get; init; }

    /// <summary>The guest's architecture.</summary>
    public string Architecture { get; init; } = "x86_64";

    /// <summary>The machine type; null for the hypervisor's default.</summary>
    public string? Machine { get; init; }

    /// <summary>The firmware: <c>bios</c> or <c>efi</c>; null for the machine's default.</summary>
    public string? Firmware { get; init; }

    /// <summary>Whether the firmware starts only what is signed.</summary>
    public bool SecureBoot { get; init; }

    /// <summary>The title; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The description; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Elements in namespaces of their own to keep under <c>metadata</c>.</summary>
    public IReadOnlyList<XElement> Metadata { get; init; } = [];

    /// <summary>Disks and drives, in order.</summary>
    public IReadOnlyList<DiskSpecification> Disks { get; init; } = [];

    /// <summary>A kernel on the host to boot from; null to boot from the devices.</summary>
    public string? Kernel { get; init; }

    /// <summary>The kernel's initial RAM disk; null for none.</summary>
    public string? Initrd { get; init; }

    /// <summary>The kernel's command line; null for none.</summary>
    public string? CommandLine { get; init; }

    /// <summary>Kinds of device to boot from, in order; null for disks, then CDs.</summary>
    public IReadOnlyList<string>? BootOrder { get; init; }

    /// <summary>Network cards, in order.</summary>
    public IReadOnlyList<InterfaceSpecification> Interfaces { get; init; } = [];

    /// <summary>Displays.</summary>
    public IReadOnlyList<GraphicsSpecification> Graphics { get; init; } = [];

    /// <summary>The model of the graphics card; null for one that suits the displays, <c>none</c> for none.</summary>
    public string? Video { get; init; }

    /// <summary>The serial ports, in order; the first is the console.</summary>
    public IReadOnlyList<SerialSource> Serial { get; init; } = [SerialSource.Pty];

    /// <summary>Whether it has a TPM 2.0, emulated by the host.</summary>
    public bool Tpm { get; init; }

    /// <summary>Folders of the host that the guest can mount.</summary>
    public IReadOnlyList<SharedFolderSpecification> SharedFolders { get; init; } = [];

    /// <summary>Whether the machine is of the i440FX family, which has IDE where newer ones have SATA.</summary>
    public bool HasIde => DiskTarget.IsIdeMachine(Machine);
}
