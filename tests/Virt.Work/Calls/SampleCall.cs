using Virt.Domains;
using Virt.Work.Codec;

namespace Virt.Work.Calls;

/// <summary>The arguments of a call that has many.</summary>
internal static class SampleCall
{
    public static readonly DomainFilter Filter = new(
        Active: true, Names: ["web-*", "db-0001"], Uuids: [Uuid(1), Uuid(2)], States: [DomainState.Running, DomainState.Paused]);

    public const StatisticsGroups Groups = StatisticsGroups.Cpu | StatisticsGroups.Block;

    private static Guid Uuid(int number) => SampleDomains.Record(number).Uuid;
}
