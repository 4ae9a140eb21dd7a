using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Resources;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>A unix socket at a place of the definition's choice: virtd listens there, QEMU inherits it, and virtd removes it again.</summary>
internal sealed class GuestSocket(string path) : IHostResource
{
    /// <summary>Listens; a socket that somebody left there gives way, unless somebody listens on it.</summary>
    public static SafeHandle Listen(string path)
    {
        HostSocket.RemoveStale(path);
        return HostSocket.Listen(path);
    }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        // A QEMU that is the daemon's equal made it itself, and removes it.
        if (host.User is not null)
            Remove();
        return ValueTask.CompletedTask;
    }

    private void Remove()
    {
        try
        {
            HostSocket.RemoveStale(path);
        }
        catch (Exception other) when (other is IOException or UnauthorizedAccessException)
        {
            // What has the name by now is not what was made for this guest.
        }
    }
}
