using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// Makes the TPM of a domain when it has none yet, as a manufacturer does: endorsement key, certificates signed by an authority of
/// this daemon's own. Without swtpm_setup the TPM begins empty.
/// </summary>
internal sealed class TpmManufacture(TpmEmulator tpm, HostServices host)
{
    private const string FirstDescriptor = "3";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it unless it is there, and returns the folder of its state.</summary>
    public async Task<string> EnsureAsync(CancellationToken cancel)
    {
        string state = Path.Combine(TpmState.FolderOf(host.Folders, host.Uuid), tpm.Version == "2.0" ? "tpm2" : "tpm1.2");
        if (!Folders.Exists(state))
            await MakeAsync(state, cancel).ConfigureAwait(false);
        QemuUser? user = host.Users?.FindForTpm(host.User);
        TpmState.Give(host.Folders, host.Uuid, user);
        // What a guest may have had a hand in is read with the rights of its emulator.
        if (TpmPrograms.Setup is { } setup && tpm.ActiveBanks.Count > 0)
            await RunAsync(user, setup, [.. Common(state), "--reconfigure", "--pcr-banks", string.Join(',', tpm.ActiveBanks)], cancel).ConfigureAwait(false);
        return state;
    }

    // A TPM that was not finished is none: it gets its place when it is whole.
    private async Task MakeAsync(string state, CancellationToken cancel)
    {
        string unfinished = state + ".new";
        FolderTree.Delete(unfinished);
        Folders.Make(unfinished, Private);
        if (TpmPrograms.Setup is { } setup)
            await RunAsync(user: null, setup, [.. Common(unfinished), "--createek", .. Certificates(), "--lock-nvram"], cancel).ConfigureAwait(false);
        Folders.Flush(unfinished);
        HostFile.Rename(unfinished, state, replace: false);
        Folders.Flush(Path.GetDirectoryName(state)!);
    }

    private List<string> Common(string state)
    {
        List<string> arguments = ["--tpm-state", state, "--vmid", $"{host.Name}:{host.Uuid:D}"];
        if (tpm.Version == "2.0")
            arguments.Add("--tpm2");
        if (tpm.Secret is not null)
            arguments.AddRange(["--pwdfile-fd", FirstDescriptor, "--cipher", "aes-256-cbc"]);
        if (TpmPrograms.Authority is not null)
            arguments.AddRange(["--config", TpmAuthority.Configure(host.Folders)]);
        return arguments;
    }

    private static string[] Certificates() =>
        TpmPrograms.Authority is null ? [] : ["--create-ek-cert", "--create-platform-cert"];

    private async Task RunAsync(QemuUser? user, string setup, IReadOnlyCollection<string> arguments, CancellationToken cancel)
    {
        SafeHandle[] passphrase = tpm.OpenPassphrase();
        int? status;
        try
        {
            status = await HelperProcess.RunAsync(host, user, setup, arguments, passphrase, cancel).ConfigureAwait(false);
        }
        finally
        {
            foreach (SafeHandle descriptor in passphrase)
                descriptor.Dispose();
        }

        if (status != 0)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"the TPM of domain '{host.Name}' cannot be made: {setup} failed", host.Name,
                $"What it said is in the log {host.Folders.LogOf(host.Name)}.");
        }
    }
}
