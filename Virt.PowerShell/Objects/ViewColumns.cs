using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

// What only the views show. A property that is hidden and an interface's own is left out by Get-Member, Select-Object, JSON and CSV,
// and costs a new session nothing. A script in a view is compiled when the module is imported, type data when it is read.

/// <summary>What only the views of domains show.</summary>
public interface IDomainColumns
{
    /// <summary>The memory for people, as <c>2 GiB</c>.</summary>
    [Hidden]
    string MemoryText { get; }

    /// <summary>The most memory it can have, for people.</summary>
    [Hidden]
    string MaximumMemoryText { get; }

    /// <summary>How long it had run when it was asked for, for people; empty when off.</summary>
    [Hidden]
    string UptimeText { get; }

    /// <summary>The CPU time since its start, for people; empty when off.</summary>
    [Hidden]
    string CpuTimeText { get; }
}

/// <summary>What only the views of hosts show.</summary>
public interface IHostColumns
{
    /// <summary>The hypervisor with its version.</summary>
    [Hidden]
    string HypervisorText { get; }

    /// <summary>The memory for people.</summary>
    [Hidden]
    string MemoryText { get; }

    /// <summary>The available memory for people.</summary>
    [Hidden]
    string FreeMemoryText { get; }
}

/// <summary>What only the views of statistics show; each is empty where the host does not tell the value.</summary>
public interface IDomainStatisticsColumns
{
    /// <summary>CPU use with one decimal.</summary>
    [Hidden]
    string CpuPercentText { get; }

    /// <summary>The guest's memory for people.</summary>
    [Hidden]
    string MemoryText { get; }

    /// <summary>The most memory for people.</summary>
    [Hidden]
    string MaximumMemoryText { get; }

    /// <summary>The host memory of its process, for people.</summary>
    [Hidden]
    string ResidentMemoryText { get; }

    /// <summary>The memory the guest can use, for people.</summary>
    [Hidden]
    string AvailableMemoryText { get; }

    /// <summary>The memory the guest leaves unused, for people.</summary>
    [Hidden]
    string UnusedMemoryText { get; }

    /// <summary>Bytes read per second, for people, below a head that says so.</summary>
    [Hidden]
    string DiskReadText { get; }

    /// <summary>The same with <c>/s</c>.</summary>
    [Hidden]
    string DiskReadRateText { get; }

    /// <summary>Bytes written per second, for people, below a head that says so.</summary>
    [Hidden]
    string DiskWriteText { get; }

    /// <summary>The same with <c>/s</c>.</summary>
    [Hidden]
    string DiskWriteRateText { get; }

    /// <summary>Bytes received per second, for people, below a head that says so.</summary>
    [Hidden]
    string ReceivedText { get; }

    /// <summary>The same with <c>/s</c>.</summary>
    [Hidden]
    string ReceivedRateText { get; }

    /// <summary>Bytes sent per second, for people, below a head that says so.</summary>
    [Hidden]
    string SentText { get; }

    /// <summary>The same with <c>/s</c>.</summary>
    [Hidden]
    string SentRateText { get; }
}

/// <summary>What only the view of events shows.</summary>
public interface IDomainEventColumns
{
    /// <summary>The time of day, here, with milliseconds.</summary>
    [Hidden]
    string TimeText { get; }

    /// <summary>The domain's state after it.</summary>
    [Hidden]
    DomainState StateAfter { get; }
}

/// <summary>What only the view of host capabilities shows.</summary>
public interface IHostCapabilityColumns
{
    /// <summary>The architectures of guests in one line.</summary>
    [Hidden]
    string GuestArchitecturesText { get; }

    /// <summary>The domain types in one line.</summary>
    [Hidden]
    string DomainTypesText { get; }

    /// <summary>How many machine types there are.</summary>
    [Hidden]
    int MachineCount { get; }
}

/// <summary>What only the views of domain capabilities show.</summary>
public interface IDomainCapabilityColumns
{
    /// <summary>How many CPU models there are.</summary>
    [Hidden]
    int CpuModelCount { get; }

    /// <summary>An attribute of a device with its values, a line each.</summary>
    [Hidden]
    IReadOnlyList<string> DeviceLines { get; }
}

/// <summary>What only the view of CPU models shows.</summary>
public interface ICpuModelColumns
{
    /// <summary>The features that the host lacks, in one line.</summary>
    [Hidden]
    string BlockersText { get; }
}

/// <summary>What only the view of disks shows; each is empty when it cannot be known.</summary>
public interface IDiskColumns
{
    /// <summary>The size that the guest sees, for people.</summary>
    [Hidden]
    string CapacityText { get; }

    /// <summary>What the image takes on the host, for people.</summary>
    [Hidden]
    string AllocationText { get; }
}

/// <summary>What only the view of network cards shows.</summary>
public interface INicColumns
{
    /// <summary>Its addresses in one line.</summary>
    [Hidden]
    string IPAddressesText { get; }
}

/// <summary>What only the view of secrets shows.</summary>
public interface ISecretColumns
{
    /// <summary><c>set</c> or <c>none</c>.</summary>
    [Hidden]
    string ValueText { get; }
}
