using System.Text;
using Virt.Daemon.Hosting;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// The certificate authority that signs the certificates of emulated TPMs: swtpm_localca with its keys below the driver's state, so
/// that no daemon needs to write to the host's own.
/// </summary>
internal static class TpmAuthority
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Writes its configuration unless it is there, and returns what <c>swtpm_setup --config</c> takes.</summary>
    public static string Configure(QemuFolders folders)
    {
        string folder = Path.Combine(folders.Tpm, "authority");
        string setup = Path.Combine(folder, "swtpm_setup.conf");
        if (HostFile.Exists(setup))
            return setup;
        Folders.Make(folder, Private);
        Write(folder, "swtpm-localca.options", "--platform-manufacturer Virt\n--platform-version 2.1\n--platform-model QEMU\n");
        Write(
            folder, "swtpm-localca.conf",
            $"statedir = {folder}\nsigningkey = {folder}/signkey.pem\nissuercert = {folder}/issuercert.pem\ncertserial = {folder}/certserial\n");
        Write(
            folder, "swtpm_setup.conf",
            $"""
            create_certs_tool = {TpmPrograms.Authority}
            create_certs_tool_config = {folder}/swtpm-localca.conf
            create_certs_tool_options = {folder}/swtpm-localca.options
            active_pcr_banks = sha256

            """);
        return setup;
    }

    // Guests that start at once write the same; each file appears whole.
    private static void Write(string folder, string name, string text) =>
        DurableFile.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(text));
}
