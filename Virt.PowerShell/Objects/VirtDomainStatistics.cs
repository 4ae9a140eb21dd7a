using Virt.Domains;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>
/// What a domain did between two readings of its counters. Rates are per second; null where the host does not tell.
/// </summary>
public sealed class VirtDomainStatistics : IDomainStatisticsColumns
{
    private readonly DomainRecord _domain;

    internal VirtDomainStatistics(VirtHost host, Domains.DomainStatistics before, Domains.DomainStatistics now)
    {
        _domain = now.Domain;
        VirtHost = host;
        Name = VisibleText.Line(now.Domain.Name);
        Uuid = now.Domain.Uuid;
        Timestamp = now.Timestamp;
        Interval = now.Timestamp - before.Timestamp;
        // Counters begin anew with each run; a rate over that border would be nonsense.
        bool sameRun = now.Domain.Id == before.Domain.Id && Interval > TimeSpan.Zero;
        var rates = new CounterRates(Interval, sameRun);
        CpuPercent = rates.Percent(before.Cpu?.Time, now.Cpu?.Time, now.Domain.VCpu);
        CpuTime = now.Cpu?.Time;
        Memory = now.Balloon?.Current;
        MaximumMemory = now.Balloon?.Maximum;
        ResidentMemory = now.Balloon?.Rss;
        AvailableMemory = now.Balloon?.Available;
        UnusedMemory = now.Balloon?.Unused;
        VCpus = [.. rates.VCpus(before.VCpus, now.VCpus)];
        Disks = [.. rates.Disks(before.Disks, now.Disks)];
        Interfaces = [.. rates.Interfaces(before.Interfaces, now.Interfaces)];
        DiskReadBytesPerSecond = CounterRates.Sum(now.Disks, Disks.Select(disk => disk.ReadBytesPerSecond));
        DiskWriteBytesPerSecond = CounterRates.Sum(now.Disks, Disks.Select(disk => disk.WriteBytesPerSecond));
        DiskReadsPerSecond = CounterRates.Sum(now.Disks, Disks.Select(disk => disk.ReadsPerSecond));
        DiskWritesPerSecond = CounterRates.Sum(now.Disks, Disks.Select(disk => disk.WritesPerSecond));
        ReceivedBytesPerSecond = CounterRates.Sum(now.Interfaces, Interfaces.Select(card => card.ReceivedBytesPerSecond));
        SentBytesPerSecond = CounterRates.Sum(now.Interfaces, Interfaces.Select(card => card.SentBytesPerSecond));
    }

    /// <summary>The domain's name.</summary>
    public string Name { get; }

    /// <summary>The domain's identity.</summary>
    public Guid Uuid { get; }

    /// <summary>Its state.</summary>
    public DomainState State => _domain.State;

    /// <summary>When the counters were read.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>The time between the two readings.</summary>
    public TimeSpan Interval { get; }

    /// <summary>CPU use: 100 when all its virtual CPUs are busy.</summary>
    public double? CpuPercent { get; }

    /// <summary>CPU time since its start.</summary>
    public TimeSpan? CpuTime { get; }

    /// <summary>Memory of the guest, in bytes.</summary>
    public long? Memory { get; }

    /// <summary>The most memory it may have, in bytes.</summary>
    public long? MaximumMemory { get; }

    /// <summary>Host memory that its process takes, in bytes.</summary>
    public long? ResidentMemory { get; }

    /// <summary>Memory the guest can use, as it says, in bytes.</summary>
    public long? AvailableMemory { get; }

    /// <summary>Memory the guest leaves unused, as it says, in bytes.</summary>
    public long? UnusedMemory { get; }

    /// <summary>Bytes read from all disks per second.</summary>
    public double? DiskReadBytesPerSecond { get; }

    /// <summary>Bytes written to all disks per second.</summary>
    public double? DiskWriteBytesPerSecond { get; }

    /// <summary>Read requests to all disks per second.</summary>
    public double? DiskReadsPerSecond { get; }

    /// <summary>Write requests to all disks per second.</summary>
    public double? DiskWritesPerSecond { get; }

    /// <summary>Bytes received by all network cards per second.</summary>
    public double? ReceivedBytesPerSecond { get; }

    /// <summary>Bytes sent by all network cards per second.</summary>
    public double? SentBytesPerSecond { get; }

    /// <summary>Per virtual CPU.</summary>
    public IReadOnlyList<VCpuRate> VCpus { get; }

    /// <summary>Per disk.</summary>
    public IReadOnlyList<DiskRate> Disks { get; }

    /// <summary>Per network card.</summary>
    public IReadOnlyList<InterfaceRate> Interfaces { get; }

    /// <summary>The host it is on.</summary>
    public VirtHost VirtHost { get; }

    string IDomainStatisticsColumns.CpuPercentText => ViewText.Percent(CpuPercent);

    string IDomainStatisticsColumns.MemoryText => ViewText.Size(Memory);

    string IDomainStatisticsColumns.MaximumMemoryText => ViewText.Size(MaximumMemory);

    string IDomainStatisticsColumns.ResidentMemoryText => ViewText.Size(ResidentMemory);

    string IDomainStatisticsColumns.AvailableMemoryText => ViewText.Size(AvailableMemory);

    string IDomainStatisticsColumns.UnusedMemoryText => ViewText.Size(UnusedMemory);

    string IDomainStatisticsColumns.DiskReadText => ViewText.Size(DiskReadBytesPerSecond);

    string IDomainStatisticsColumns.DiskReadRateText => ViewText.Rate(DiskReadBytesPerSecond);

    string IDomainStatisticsColumns.DiskWriteText => ViewText.Size(DiskWriteBytesPerSecond);

    string IDomainStatisticsColumns.DiskWriteRateText => ViewText.Rate(DiskWriteBytesPerSecond);

    string IDomainStatisticsColumns.ReceivedText => ViewText.Size(ReceivedBytesPerSecond);

    string IDomainStatisticsColumns.ReceivedRateText => ViewText.Rate(ReceivedBytesPerSecond);

    string IDomainStatisticsColumns.SentText => ViewText.Size(SentBytesPerSecond);

    string IDomainStatisticsColumns.SentRateText => ViewText.Rate(SentBytesPerSecond);

    /// <summary>The domain's name.</summary>
    public override string ToString() => Name;
}

/// <summary>One virtual CPU between two readings.</summary>
/// <param name="Number">Its index.</param>
/// <param name="CpuPercent">100 when it is busy all the time.</param>
public sealed record VCpuRate(int Number, double? CpuPercent);

/// <summary>One disk between two readings.</summary>
/// <param name="Name">The target, as vda.</param>
/// <param name="Path">Its source.</param>
/// <param name="ReadBytesPerSecond">Bytes read.</param>
/// <param name="WriteBytesPerSecond">Bytes written.</param>
/// <param name="ReadsPerSecond">Read requests.</param>
/// <param name="WritesPerSecond">Write requests.</param>
public sealed record DiskRate(
    string Name, string? Path, double? ReadBytesPerSecond, double? WriteBytesPerSecond, double? ReadsPerSecond,
    double? WritesPerSecond)
{
    /// <summary>The target, as vda.</summary>
    public string Name { get; init; } = VisibleText.Line(Name);

    /// <summary>Its source.</summary>
    public string? Path { get; init; } = VisibleText.Line(Path);
}

/// <summary>One network card between two readings.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ReceivedBytesPerSecond">Bytes received.</param>
/// <param name="SentBytesPerSecond">Bytes sent.</param>
public sealed record InterfaceRate(string Name, double? ReceivedBytesPerSecond, double? SentBytesPerSecond)
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = VisibleText.Line(Name);
}
