using Virt.Daemon.Drivers.Qemu.Resources;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>The files of a part of a guest, which its user has while it runs.</summary>
/// <param name="holder">The part: a device's alias.</param>
/// <param name="files">The files.</param>
internal sealed class FileGrant(string holder, IEnumerable<GuestFile> files) : IHostResource
{
    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        if (host.Ownership is { } ownership && host.User is { } user)
            ownership.Take(host.Uuid, holder, [.. files], user);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        host.Ownership?.Release(host.Uuid, holder);
        return ValueTask.CompletedTask;
    }
}
