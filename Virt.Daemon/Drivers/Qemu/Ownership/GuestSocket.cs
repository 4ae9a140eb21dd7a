using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>A unix socket at a place of the definition's choice: virtd listens there, QEMU inherits it, and virtd removes it again.</summary>
internal sealed class GuestSocket(string path) : IHostResource
{
    /// <summary>Listens; a socket that somebody left there gives way.</summary>
    public static SafeHandle Listen(string path)
    {
        Remove(path);
        return UnixAddress.Listen(path);
    }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        // A QEMU that is the daemon's equal made it itself, and removes it.
        if (host.User is not null)
            Remove(path);
        return ValueTask.CompletedTask;
    }

    private static void Remove(string path)
    {
        using SafeFileHandle? there = HostPath.TryOpen(path);
        if (there is not null && FileStatus.Of(there).Kind == FileKind.Socket)
            File.Delete(path);
    }
}
