namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>Where the host keeps what definitions lead to; absolute paths.</summary>
/// <param name="NvramFolder">The variables of UEFI guests: <c>NAME_VARS.fd</c>.</param>
/// <param name="MemoryFolder">Where memory of guests lies that is backed by files: a folder of each guest.</param>
/// <param name="FirmwareFolders">The folders of QEMU's firmware descriptors; a file hides those of the same name in later
/// ones.</param>
internal sealed record GuestHost(string NvramFolder, string MemoryFolder, IReadOnlyList<string> FirmwareFolders)
{
    private static readonly string[] SystemFirmware = ["/etc/qemu/firmware", "/usr/share/qemu/firmware"];

    /// <summary>Whether QEMU denies itself system calls it does not need.</summary>
    public bool Sandbox { get; init; } = true;

    /// <summary>The programs that a definition may name.</summary>
    public HostPrograms Programs { get; init; } = HostPrograms.Found;

    /// <summary>Whether QEMU runs as a user that may less than the daemon, so that virtd opens for it what only root may.</summary>
    public bool IsSeparate { get; init; }

    /// <summary>A system's daemon.</summary>
    public static GuestHost System { get; } = new("/var/lib/virt/qemu/nvram", "/var/lib/virt/qemu/ram", SystemFirmware);

    /// <summary>This daemon. One that is not root looks for descriptors in its user's configuration first.</summary>
    public static GuestHost Of(QemuFolders folders)
    {
        string user = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "qemu/firmware");
        bool isUser = !Environment.IsPrivilegedProcess && Path.IsPathRooted(user);
        return new GuestHost(folders.Nvram, folders.Memory, isUser ? [user, .. SystemFirmware] : SystemFirmware);
    }

    /// <summary>Where a guest's memory lies that is backed by files.</summary>
    public string MemoryOf(Guid uuid) => Path.Combine(MemoryFolder, uuid.ToString("D"));

    /// <summary>Where a domain's UEFI variables lie unless its definition says otherwise.</summary>
    public string NvramOf(string name) => Path.Combine(NvramFolder, name + "_VARS.fd");
}
