using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The virtiofsd of one filesystem. It inherits a socket that listens already, and ends when QEMU lets go of it.</summary>
internal sealed class VirtiofsProcess(VirtiofsShare share, string alias) : IHostResource
{
    private const int ListenDescriptor = 3;

    private string Id => $"{alias}-virtiofsd";

    /// <summary>The socket on which it serves.</summary>
    public static string SocketIn(string runFolder, string alias) => Path.Combine(runFolder, $"{alias}-fs.sock");

    /// <inheritdoc/>
    public async ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        string program = share.Program is { } found && HostFile.Exists(found)
            ? found
            : throw VirtException.Create(
                VirtErrorCode.ConfigurationUnsupported, $"the filesystem '{alias}' needs virtiofsd, which '{share.Program}' is not", host.Name,
                "Install the package virtiofsd (Debian 12: qemu-system-common), or correct the path of its binary.");
        await HelperProcess.StopAsync(host, Id).ConfigureAwait(false);
        string socket = SocketIn(host.RunFolder, alias);
        HostFile.Delete(socket);
        using SafeHandle listener = HostSocket.Listen(socket);
        host.GiveSocket(socket);
        // As root: the files of many users pass through it. It shuts itself into the folder it shares.
        HelperProcess.Start(host, Id, user: null, program, share.Arguments(ListenDescriptor), listener);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host) => HelperProcess.StopAsync(host, Id);
}
