using Virt.Domains;

namespace Virt.Tests.Core.TestDriver;

public sealed class ListTests
{
    public static TheoryData<DomainFilter, string> Filters() => new()
    {
        { DomainFilter.All, "build box,db1,legacy1,report1,test,web1,web2" },
        { new DomainFilter(Active: true), "db1,legacy1,test,web1" },
        { new DomainFilter(Active: false), "build box,report1,web2" },
        { new DomainFilter(Names: ["WEB*"]), "web1,web2" },
        { new DomainFilter(Names: ["web?", "test", "nobody"]), "test,web1,web2" },
        { new DomainFilter(Names: []), "" },
        { new DomainFilter(States: [DomainState.Paused]), "db1" },
        { new DomainFilter(States: [DomainState.Paused, DomainState.Shutoff], Active: true), "db1" },
        { new DomainFilter(Autostart: true), "web1" },
        { new DomainFilter(HasSavedState: true), "report1" },
        { new DomainFilter(HasSnapshot: true), "" },
        { new DomainFilter(Persistent: false), "" },
        { new DomainFilter(Ids: [1, 999]), "test" },
        { new DomainFilter(Uuids: [Web2, Web1, Web2, Guid.Empty]), "web1,web2" },
        { new DomainFilter(Uuids: [Web2, Web1], Active: true), "web1" },
    };

    private static Guid Web1 => new("3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c01");

    private static Guid Web2 => new("3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c02");

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Filters))]
    public async Task A_filter_selects_in_the_order_of_names(DomainFilter filter, string names)
    {
        await using HostFixture host = await HostFixture.DefaultAsync();

        IReadOnlyList<DomainRecord> listed = await host.Driver.ListDomainsAsync(filter, HostFixture.Cancel);
        IReadOnlyList<DomainStatistics> measured = await host.Driver.GetDomainStatisticsAsync(filter, StatisticsGroups.All, HostFixture.Cancel);

        Assert.Equal(names, string.Join(',', listed.Select(domain => domain.Name)));
        Assert.Equal(listed, (await host.Driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel)).Where(filter.Matches));
        Assert.Equal(names, string.Join(',', measured.Select(statistics => statistics.Domain.Name)));
    }

    [Fact]
    public async Task The_domain_test_is_as_libvirts()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();

        DomainRecord test = await host.FindAsync("test");

        Assert.Equal(
            (1, 2, 8L << 30, 2L << 30, DomainState.Running, "6695eb01-f6a4-8304-79aa-97f2502e193f"),
            (test.Id, test.VCpu, test.MaximumMemory, test.Memory, test.State, test.Uuid.ToString()));
    }

    [Fact]
    public async Task Generated_domains_come_with_the_parameter_on_a_host_of_their_own()
    {
        await using HostFixture host = await HostFixture.DefaultAsync("?domains=1000");

        IReadOnlyList<DomainRecord> generated = await host.Driver.ListDomainsAsync(new DomainFilter(Names: ["bench-*"]), HostFixture.Cancel);
        await host.Driver.StartDomainAsync(generated[0].Uuid, StartOptions.None, HostFixture.Cancel);

        Assert.Equal(1000, generated.Count);
        Assert.Equal(("bench-00000", "bench-00999"), (generated[0].Name, generated[^1].Name));
        await using HostFixture other = await HostFixture.DefaultAsync("?domains=1");
        Assert.Equal(DomainState.Shutoff, (await other.FindAsync("bench-00000")).State);
    }

    [Fact]
    public async Task Order_is_ordinal_and_follows_changes()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        foreach (string name in new[] { "b", "B", "a-1", "a10", "\u00e4" })
            await host.Driver.DefineDomainAsync(Conditions.Xml(name, Guid.NewGuid()), DefineOptions.None, HostFixture.Cancel);
        Assert.Equal(["B", "a-1", "a10", "b", "guest", "\u00e4"], await NamesAsync(host));

        await host.Driver.RenameDomainAsync(Conditions.Uuid, "A", HostFixture.Cancel);
        await host.Driver.UndefineDomainAsync(await host.UuidAsync("b"), UndefineOptions.None, HostFixture.Cancel);

        Assert.Equal(["A", "B", "a-1", "a10", "\u00e4"], await NamesAsync(host));
    }

    private static async Task<IEnumerable<string>> NamesAsync(HostFixture host) =>
        (await host.Driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel)).Select(domain => domain.Name);
}
