namespace Virt.Domains.Definition;

/// <summary>A domain described by what people choose; <see cref="DomainXmlBuilder"/> writes the rest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The domain type: <c>kvm</c>, <c>qemu</c> or <c>test</c>.</param>
/// <param name="Memory">Memory in bytes; rounded up to whole KiB.</param>
/// <param name="VCpu">Virtual CPUs.</param>
public sealed record DomainSpecification(string Name, string Type, long Memory, int VCpu)
{
    /// <summary>The guest's architecture.</summary>
    public string Architecture { get; init; } = "x86_64";

    /// <summary>The machine type; null for the hypervisor's default.</summary>
    public string? Machine { get; init; }

    /// <summary>The title; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The description; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Disk images on the host, in order; the format follows from the file's extension.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    /// <summary>A CD image on the host; null for none.</summary>
    public string? Iso { get; init; }

    /// <summary>A kernel on the host to boot from; null to boot from the devices.</summary>
    public string? Kernel { get; init; }

    /// <summary>The kernel's initial RAM disk; null for none.</summary>
    public string? Initrd { get; init; }

    /// <summary>The kernel's command line; null for none.</summary>
    public string? CommandLine { get; init; }

    /// <summary>Whether it has a network card on QEMU's user-mode network.</summary>
    public bool UserNetwork { get; init; } = true;

    /// <summary>Whether it has a screen that VNC shows on the host's loopback address.</summary>
    public bool Vnc { get; init; }

    /// <summary>The serial console: its source.</summary>
    public SerialSource Serial { get; init; } = SerialSource.Pty;
}

/// <summary>Where a serial port leads.</summary>
/// <param name="Type">Libvirt's type: <c>pty</c>, <c>file</c>, <c>unix</c>; or <c>none</c> for no port.</param>
/// <param name="Path">The file or socket; null for a pty.</param>
public sealed record SerialSource(string Type, string? Path = null)
{
    /// <summary>A pseudo terminal.</summary>
    public static SerialSource Pty { get; } = new("pty");

    /// <summary>No serial port.</summary>
    public static SerialSource None { get; } = new("none");
}
