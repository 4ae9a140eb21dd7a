namespace Virt.Build.Tasks;

/// <summary>A Debian package that a task needs.</summary>
/// <param name="Name">Its name in Debian and Ubuntu.</param>
/// <param name="Command">A program of it that serves as well when it came from elsewhere; null when it has none.</param>
/// <param name="Purpose">What it is for.</param>
internal sealed record DebianPackage(string Name, string? Command, string Purpose)
{
    /// <summary>What building needs.</summary>
    public static IReadOnlyList<DebianPackage> ForBuilding { get; } =
    [
        new("gcc", "gcc", "links virtd, which is compiled ahead of time"),
        new("libc6-dev", null, "what it is linked to"),
    ];

    /// <summary>What building, tests and demo need.</summary>
    public static IReadOnlyList<DebianPackage> Needed { get; } =
    [
        .. ForBuilding,
        new("qemu-system-x86", "qemu-system-x86_64", "the hypervisor"),
        new("qemu-utils", "qemu-img", "disk images"),
        new("ovmf", null, "UEFI firmware"),
        new("swtpm", "swtpm", "software TPM"),
        new("swtpm-tools", "swtpm_setup", "its certificates"),
        new("iproute2", "ip", "network namespaces for tests of bridges"),
        new("genisoimage", "isoinfo", "another reader of the images of cloud-init"),
        new("systemd", "systemd-analyze", "checks our units"),
        new("libvirt-clients", "virt-xml-validate", "holds our XML against libvirt's schemas"),
        new("libxml2-utils", "xmllint", "what virt-xml-validate validates with"),
        new("libfaketime", null, "a clock that jumps, for one process"),
        new("strace", "strace", "a disk that gives errors, for one process"),
        new("openssl", "openssl", "certificates that others have made, for tests of TLS"),
        new("gnutls-bin", "certtool", "certificates as libvirt's documentation makes them"),
        new("openssh-client", "ssh", "the transport ssh"),
        new("openssh-server", "sshd", "private servers for its tests"),
        new("python3", "python3", "the client in another language"),
        new("python3-msgpack", null, "that client's MessagePack library"),
    ];

    /// <summary>What the test host needs more.</summary>
    public static IReadOnlyList<DebianPackage> ForTheHost { get; } =
    [
        new("mmdebstrap", "mmdebstrap", "unpacks a Debian into a folder"),
        new("e2fsprogs", "mkfs.ext4", "makes its disk"),
    ];

    /// <summary>What the comparison with libvirt needs more.</summary>
    public static IReadOnlyList<DebianPackage> ForComparing { get; } =
    [
        new("libvirt-daemon", "libvirtd", "the daemon that is measured beside virtd"),
        new("libvirt-daemon-driver-qemu", null, "its driver of QEMU"),
        new("libvirt-daemon-system", null, "the user that its guests run as"),
        new("python3-libvirt", null, "its client"),
    ];

    public bool CommandIsThere => Command is not null && ExecutablePath.Find(Command) is not null;
}
