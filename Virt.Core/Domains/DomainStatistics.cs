using Virt.Rpc;

namespace Virt.Domains;

/// <summary>Which statistics are gathered; numbers as libvirt's <c>virDomainStatsTypes</c>.</summary>
[Flags]
public enum StatisticsGroups
{
    /// <summary>All that the driver has.</summary>
    All = 0,
    /// <summary>State and reason; always there.</summary>
    State = 1,
    /// <summary>CPU time.</summary>
    Cpu = 2,
    /// <summary>Memory balloon.</summary>
    Balloon = 4,
    /// <summary>Per virtual CPU.</summary>
    VCpu = 8,
    /// <summary>Per network interface.</summary>
    Interface = 16,
    /// <summary>Per disk.</summary>
    Block = 32,
}

/// <summary>The counters of one domain at one moment; libvirt's <c>virConnectGetAllDomainStats</c>. Groups not asked for, or
/// not there because the domain is off, are null.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Timestamp">When the counters were read.</param>
/// <param name="Cpu">CPU time.</param>
/// <param name="Balloon">Memory.</param>
/// <param name="VCpus">Per virtual CPU.</param>
/// <param name="Interfaces">Per network interface.</param>
/// <param name="Disks">Per disk.</param>
[Wire]
public sealed record DomainStatistics(
    DomainRecord Domain,
    DateTimeOffset Timestamp,
    CpuStatistics? Cpu,
    BalloonStatistics? Balloon,
    IReadOnlyList<VCpuStatistics>? VCpus,
    IReadOnlyList<InterfaceStatistics>? Interfaces,
    IReadOnlyList<DiskStatistics>? Disks);

/// <summary>CPU time of the whole guest since its start.</summary>
/// <param name="Time">All of it.</param>
/// <param name="User">In user mode of the host.</param>
/// <param name="System">In kernel mode of the host.</param>
[Wire]
public sealed record CpuStatistics(TimeSpan Time, TimeSpan User, TimeSpan System);

/// <summary>Memory, in bytes; null where guest or device does not tell.</summary>
/// <param name="Current">The balloon's current size.</param>
/// <param name="Maximum">The most it may be.</param>
/// <param name="Rss">Resident memory of the QEMU process.</param>
/// <param name="Available">Memory the guest can use, as it says.</param>
/// <param name="Unused">Memory the guest leaves unused, as it says.</param>
/// <param name="SwapIn">Swapped in by the guest.</param>
/// <param name="SwapOut">Swapped out by the guest.</param>
/// <param name="MajorFaults">Major page faults in the guest (a count).</param>
/// <param name="MinorFaults">Minor page faults in the guest (a count).</param>
[Wire]
public sealed record BalloonStatistics(
    long Current, long Maximum, long? Rss, long? Available, long? Unused, long? SwapIn, long? SwapOut, long? MajorFaults, long? MinorFaults);

/// <summary>One virtual CPU.</summary>
/// <param name="Number">Its index.</param>
/// <param name="State">Libvirt's vcpu state: 0 offline, 1 running, 2 blocked.</param>
/// <param name="Time">CPU time of its thread.</param>
[Wire]
public sealed record VCpuStatistics(int Number, int State, TimeSpan Time);

/// <summary>One network interface, counters since start, as the guest's side sees them.</summary>
/// <param name="Name">The device's alias or host interface name.</param>
/// <param name="RxBytes">Bytes received.</param>
/// <param name="RxPackets">Packets received.</param>
/// <param name="RxErrors">Receive errors.</param>
/// <param name="RxDropped">Received packets dropped.</param>
/// <param name="TxBytes">Bytes sent.</param>
/// <param name="TxPackets">Packets sent.</param>
/// <param name="TxErrors">Send errors.</param>
/// <param name="TxDropped">Sent packets dropped.</param>
[Wire]
public sealed record InterfaceStatistics(
    string Name, long RxBytes, long RxPackets, long RxErrors, long RxDropped, long TxBytes, long TxPackets, long TxErrors, long TxDropped);

/// <summary>One disk, counters since start.</summary>
/// <param name="Name">The target, as <c>vda</c>.</param>
/// <param name="Path">Its source, or null when the drive is empty.</param>
/// <param name="ReadRequests">Read requests.</param>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="ReadTime">Time spent reading.</param>
/// <param name="WriteRequests">Write requests.</param>
/// <param name="WriteBytes">Bytes written.</param>
/// <param name="WriteTime">Time spent writing.</param>
/// <param name="FlushRequests">Flushes.</param>
/// <param name="FlushTime">Time spent flushing.</param>
/// <param name="Capacity">The size the guest sees, in bytes; null when not known.</param>
/// <param name="Allocation">The highest byte written, in bytes; null when not known.</param>
/// <param name="Physical">The space the source takes on the host, in bytes; null when not known.</param>
[Wire]
public sealed record DiskStatistics(
    string Name, string? Path, long ReadRequests, long ReadBytes, TimeSpan ReadTime, long WriteRequests, long WriteBytes,
    TimeSpan WriteTime, long FlushRequests, TimeSpan FlushTime, long? Capacity, long? Allocation, long? Physical);
