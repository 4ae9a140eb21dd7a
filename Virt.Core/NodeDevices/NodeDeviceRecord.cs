using Virt.Rpc;

namespace Virt.NodeDevices;

/// <summary>A device of the host.</summary>
/// <param name="Name">Its name, as <c>pci_0000_00_1f_2</c>.</param>
/// <param name="Parent">Its parent's name, or null.</param>
/// <param name="Capabilities">What it is: <c>pci</c>, <c>net</c>, <c>usb</c>, ...</param>
[Wire]
public sealed record NodeDeviceRecord(string Name, string? Parent, IReadOnlyList<string> Capabilities);
