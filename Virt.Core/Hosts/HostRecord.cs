using Virt.Rpc;

namespace Virt.Hosts;

/// <summary>The host behind a connection.</summary>
/// <param name="HostName">Its name.</param>
/// <param name="HypervisorType">The driver: <c>QEMU</c> or <c>Test</c>.</param>
/// <param name="HypervisorVersion">The hypervisor's version, as <c>7.2.22</c>; null when none was found.</param>
/// <param name="DaemonVersion">The version of Virt that answers.</param>
/// <param name="Node">Its processors and memory.</param>
[Wire]
public sealed record HostRecord(string HostName, string HypervisorType, string? HypervisorVersion, string DaemonVersion, NodeRecord Node);

/// <summary>The processors and memory of a host; libvirt's <c>virNodeInfo</c>.</summary>
/// <param name="Architecture">As <c>x86_64</c>.</param>
/// <param name="CpuModel">The processor's name as the kernel gives it.</param>
/// <param name="Cpus">Logical processors online.</param>
/// <param name="Mhz">Clock in MHz; 0 when not known.</param>
/// <param name="NumaNodes">NUMA nodes.</param>
/// <param name="Sockets">Sockets per NUMA node.</param>
/// <param name="CoresPerSocket">Cores per socket.</param>
/// <param name="ThreadsPerCore">Threads per core.</param>
/// <param name="Memory">Memory in bytes.</param>
/// <param name="FreeMemory">Memory available now, in bytes.</param>
[Wire]
public sealed record NodeRecord(
    string Architecture, string CpuModel, int Cpus, int Mhz, int NumaNodes, int Sockets, int CoresPerSocket, int ThreadsPerCore,
    long Memory, long FreeMemory);
