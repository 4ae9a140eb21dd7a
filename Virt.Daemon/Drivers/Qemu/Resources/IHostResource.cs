using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>
/// Something of the host that a guest or one of its devices has while it runs: a file, a tap device, a helper process. It follows
/// from the live definition and <see cref="HostServices"/> alone, so that a daemon that took the guest over can release it.
/// </summary>
internal interface IHostResource
{
    /// <summary>Makes it, before QEMU starts or the device is plugged. One that is there from an earlier try is taken over.</summary>
    /// <exception cref="VirtException">It cannot be had; the message names it and the device.</exception>
    ValueTask AcquireAsync(HostServices host, CancellationToken cancel);

    /// <summary>Undoes it once the guest or the device is gone. May be called when it was never made, or only in part.</summary>
    ValueTask ReleaseAsync(HostServices host);
}
