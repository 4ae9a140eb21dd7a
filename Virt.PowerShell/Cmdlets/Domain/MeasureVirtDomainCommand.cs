using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>What Measure-VirtDomain reads.</summary>
public enum DomainMetric
{
    /// <summary>CPU use.</summary>
    Cpu,
    /// <summary>Memory.</summary>
    Memory,
    /// <summary>Disks.</summary>
    Disk,
    /// <summary>Network cards.</summary>
    Net,
    /// <summary>Each virtual CPU.</summary>
    VCpu,
}

/// <summary>
/// Measures domains: rates between readings of their counters. Each reading of a host is one call for all its domains.
/// </summary>
[Cmdlet(VerbsDiagnostic.Measure, "VirtDomain", DefaultParameterSetName = CountSet)]
[OutputType(typeof(VirtDomainStatistics))]
public sealed class MeasureVirtDomainCommand : HostCommand
{
    private const string CountSet = "Count";
    private const string ContinuousSet = "Continuous";

    private readonly Dictionary<VirtHost, HashSet<Guid>> _chosen = [];
    private bool _named;

    /// <summary>
    /// The domains: names (also with wildcards), uuids, runtime ids, or objects. Without it all active domains.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Domain", "InputObject", "Uuid", "Id", "VMName")]
    [ArgumentCompleter(typeof(DomainNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public DomainIdentity[]? Name { get; set; }

    /// <summary>What to read; without it everything.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public DomainMetric[]? Metric { get; set; }

    /// <summary>Seconds between two readings.</summary>
    [Parameter]
    [Alias("Interval")]
    [ValidateRange(0.1, 86400.0)]
    public double IntervalSec { get; set; } = 1;

    /// <summary>How many measurements of each domain.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Goes on until it is stopped.</summary>
    [Parameter(ParameterSetName = ContinuousSet, Mandatory = true)]
    public SwitchParameter Continuous { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name is null)
            return;
        _named = true;
        DomainIdentity[] unknown = [.. Name.Where(identity => identity.Domain is null)];
        foreach (VirtDomain domain in Name.Select(identity => identity.Domain).OfType<VirtDomain>())
            Choose(domain);
        if (unknown.Length == 0)
            return;
        IReadOnlyList<VirtHost> hosts = MeantHosts();
        foreach (FoundDomain found in Await(cancel => DomainLookup.FindAsync(this, hosts, unknown, cancel)))
            Choose(found.Domain);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!_named)
        {
            foreach (VirtHost host in MeantHosts())
                Begin(host, cancel => MeasureAsync(host, new DomainFilter(Active: true), cancel));
        }

        foreach ((VirtHost host, HashSet<Guid> uuids) in _chosen)
            Begin(host, cancel => MeasureAsync(host, new DomainFilter(Active: true, Uuids: [.. uuids]), cancel));
        WriteUntilDone();
    }

    private void Choose(VirtDomain domain)
    {
        if (!domain.IsActive)
        {
            WriteWarning($"The domain '{domain.Name}' on {domain.VirtHost.Name} is off and cannot be measured.");
            return;
        }

        if (!_chosen.TryGetValue(domain.VirtHost, out HashSet<Guid>? uuids))
            _chosen.Add(domain.VirtHost, uuids = []);
        uuids.Add(domain.Uuid);
    }

    private async Task MeasureAsync(VirtHost host, DomainFilter filter, CancellationToken cancel)
    {
        StatisticsGroups groups = Groups();
        IReadOnlyDictionary<Guid, Domains.DomainStatistics> before = await ReadAsync(host, filter, groups, cancel)
            .ConfigureAwait(false);
        for (int i = 0; Continuous || i < Count; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(IntervalSec), cancel).ConfigureAwait(false);
            IReadOnlyDictionary<Guid, Domains.DomainStatistics> now = await ReadAsync(host, filter, groups, cancel)
                .ConfigureAwait(false);
            foreach (Domains.DomainStatistics reading in now.Values)
            {
                if (before.TryGetValue(reading.Domain.Uuid, out Domains.DomainStatistics? earlier))
                    Emit(new VirtDomainStatistics(host, earlier, reading));
            }

            before = now;
        }
    }

    private async Task<IReadOnlyDictionary<Guid, Domains.DomainStatistics>> ReadAsync(
        VirtHost host, DomainFilter filter, StatisticsGroups groups, CancellationToken cancel)
    {
        IReadOnlyList<Domains.DomainStatistics> readings = await CallAsync(
            host, "GetDomainStatistics", (driver, token) => driver.GetDomainStatisticsAsync(filter, groups, token), cancel)
            .ConfigureAwait(false);
        return readings.ToDictionary(reading => reading.Domain.Uuid);
    }

    private StatisticsGroups Groups() => Metric is null ? StatisticsGroups.All : Metric.Aggregate(
        StatisticsGroups.State, (groups, metric) => groups | metric switch
    {
        DomainMetric.Cpu => StatisticsGroups.Cpu,
        DomainMetric.Memory => StatisticsGroups.Balloon,
        DomainMetric.Disk => StatisticsGroups.Block,
        DomainMetric.Net => StatisticsGroups.Interface,
        _ => StatisticsGroups.VCpu,
    });
}
