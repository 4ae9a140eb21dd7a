using System.Globalization;
using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// The swtpm of one guest. It inherits a socket that listens already, so QEMU can connect before it serves; it ends when QEMU
/// lets go of it.
/// </summary>
internal sealed class SwtpmProcess(TpmEmulator tpm, string alias) : IHostResource
{
    private const int ControlDescriptor = 3;

    /// <summary>The socket by which QEMU controls it.</summary>
    public static string SocketIn(string runFolder, string alias) => Path.Combine(runFolder, $"{alias}-swtpm.sock");

    /// <inheritdoc/>
    public async ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        string swtpm = TpmPrograms.Swtpm ?? throw VirtException.Create(
            VirtErrorCode.ConfigurationUnsupported, "the TPM emulator swtpm is not installed on this host", host.Name,
            "Install the package swtpm (Debian: swtpm, swtpm-tools).");
        await HelperProcess.StopAsync(host, Id).ConfigureAwait(false);
        string state = await new TpmManufacture(tpm, host).EnsureAsync(cancel).ConfigureAwait(false);
        string socket = SocketIn(host.RunFolder, alias);
        HostFile.Delete(socket);
        List<SafeHandle> descriptors = [];
        try
        {
            descriptors.AddRange([HostSocket.Listen(socket), .. tpm.OpenPassphrase(), .. tpm.OpenPassphrase()]);
            host.GiveSocket(socket);
            HelperProcess.Start(host, Id, host.Users?.FindForTpm(host.User), swtpm, Arguments(state), descriptors);
        }
        finally
        {
            foreach (SafeHandle descriptor in descriptors)
                descriptor.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(HostServices host)
    {
        await HelperProcess.StopAsync(host, Id).ConfigureAwait(false);
        if (host.IsTransient && !tpm.KeepsState)
            TpmState.Delete(host.Folders, host.Uuid);
        else
            TpmState.Give(host.Folders, host.Uuid, user: null);
    }

    private string Id => $"{alias}-swtpm";

    private List<string> Arguments(string state)
    {
        List<string> arguments =
        [
            "socket", "--ctrl", string.Create(CultureInfo.InvariantCulture, $"type=unixio,fd={ControlDescriptor}"),
            "--tpmstate", $"dir={state},mode=0600", "--terminate",
        ];
        if (tpm.Version == "2.0")
            arguments.Add("--tpm2");
        if (tpm.Secret is not null)
            arguments.AddRange(["--key", Key(ControlDescriptor + 1), "--migration-key", Key(ControlDescriptor + 2)]);
        if (tpm.DebugLevel is { } level)
            arguments.AddRange(["--log", string.Create(CultureInfo.InvariantCulture, $"level={level}")]);
        return arguments;
    }

    private static string Key(int descriptor) => string.Create(CultureInfo.InvariantCulture, $"pwdfd={descriptor},mode=aes-256-cbc");
}
