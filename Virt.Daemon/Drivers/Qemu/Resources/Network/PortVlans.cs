namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>The VLANs of a guest's port: libvirt's <c>vlan</c>.</summary>
/// <param name="Tags">Their numbers.</param>
/// <param name="Trunk">Whether the guest sees the tags.</param>
/// <param name="Native">Which one untagged frames belong to; null for none.</param>
/// <param name="NativeTagged">Whether frames of the native VLAN reach the guest with their tag.</param>
internal sealed record PortVlans(IReadOnlyList<int> Tags, bool Trunk, int? Native, bool NativeTagged);
