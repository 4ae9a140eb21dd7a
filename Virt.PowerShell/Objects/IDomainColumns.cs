using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>
/// What only the table of domains shows. A property that is hidden and an interface's own is left out by Get-Member, Select-Object, JSON
/// and CSV, and costs a new session nothing, as type data and scripts in a view would.
/// </summary>
public interface IDomainColumns
{
    /// <summary>The memory for people, as <c>2 GiB</c>.</summary>
    [Hidden]
    string MemoryText { get; }

    /// <summary>How long it had run when it was asked for, for people; empty when off.</summary>
    [Hidden]
    string UptimeText { get; }
}
