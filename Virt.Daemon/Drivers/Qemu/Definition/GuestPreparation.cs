using Virt.Daemon.Drivers.Network;
using Virt.Daemon.Drivers.Storage;
using Virt.Secrets;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>What of the host a definition refers to and is looked up before its command line is written.</summary>
/// <param name="Secrets">The host's secrets.</param>
/// <param name="Pools">The host's storage pools.</param>
/// <param name="Networks">The virtual networks.</param>
internal sealed record GuestPreparation(SecretCatalog Secrets, StoragePools Pools, HostNetworks Networks);

/// <summary>
/// A device or section that looks something up on the host before its command line is written: a secret's value, a volume's path, a network's bridge, an image's
/// backing chain. What it finds goes into its element where libvirt's live XML has it.
/// </summary>
internal interface IPreparedDevice
{
    /// <summary>Looks it up.</summary>
    /// <exception cref="Errors.VirtException">It is not to be had; the message names it.</exception>
    ValueTask PrepareAsync(GuestPreparation host, CancellationToken cancel);
}
