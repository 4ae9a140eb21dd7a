using Virt.Domains;
using Virt.Drivers;
using Virt.Rpc;
using Virt.Work.Codec;

namespace Virt.Work.Calls;

/// <summary>A driver that knows one domain and does nothing for it: what is left is the call itself.</summary>
internal sealed class OneDomain() : HypervisorDriverGuard(null!, Access.All)
{
    private static readonly DomainRecord Record = SampleDomains.Record(2);

    public override ValueTask<DomainRecord> GetDomainByUuidAsync(Guid uuid, CancellationToken cancel) => new(Record);

    public override ValueTask<IReadOnlyList<DomainStatistics>> GetDomainStatisticsAsync(
        DomainFilter filter, StatisticsGroups groups, CancellationToken cancel) => new([]);
}
