namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The programs that emulate a TPM and make a new one, where the host has them.</summary>
internal static class TpmPrograms
{
    private static readonly string[] Folders = ["/usr/local/bin", "/usr/bin", "/bin"];

    /// <summary>The emulator.</summary>
    public static string? Swtpm => Find("swtpm");

    /// <summary>What makes a TPM as a manufacturer does: with its endorsement key and certificates.</summary>
    public static string? Setup => Find("swtpm_setup");

    /// <summary>What signs its certificates.</summary>
    public static string? Authority => Find("swtpm_localca");

    private static string? Find(string name) =>
        Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
