using System.Collections.Concurrent;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

public sealed class ConcurrencyTests
{
    private const int Domains = 1000;

    [Fact]
    public async Task A_thousand_domains_start_and_stop_from_many_tasks()
    {
        await using HostFixture host = await HostFixture.DefaultAsync($"?domains={Domains}");
        var perDomain = new ConcurrentDictionary<Guid, ConcurrentQueue<string>>();
        await host.Driver.SubscribeDomainEventsAsync(
            happened => perDomain.GetOrAdd(happened.Domain.Uuid, _ => []).Enqueue(HostFixture.Word(happened)), HostFixture.Cancel);
        IReadOnlyList<DomainRecord> all = await host.Driver.ListDomainsAsync(new DomainFilter(Names: ["bench-*"]), HostFixture.Cancel);

        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = HostFixture.Cancel }, async (domain, cancel) =>
        {
            await host.Driver.StartDomainAsync(domain.Uuid, StartOptions.None, cancel);
            await host.Driver.ListDomainsAsync(new DomainFilter(Uuids: [domain.Uuid]), cancel);
            await host.Driver.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, cancel);
        });

        Assert.Equal(4 * Domains, (await host.TakeAsync(4 * Domains)).Count);
        Assert.Equal(Domains, perDomain.Count);
        Assert.All(perDomain.Values, events => Assert.Equal(
            ["Resumed/Unpaused", "Started/Booted", "Shutdown/Host", "Stopped/Destroyed"], events));
        Assert.Empty(await host.Driver.ListDomainsAsync(new DomainFilter(Active: true, Names: ["bench-*"]), HostFixture.Cancel));
    }

    [Fact]
    public async Task Of_many_starts_of_one_domain_one_wins()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);

        VirtErrorCode[] outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => OutcomeAsync(
            async () => await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel)), HostFixture.Cancel)));

        Assert.Single(outcomes, VirtErrorCode.Ok);
        Assert.Equal(49, outcomes.Count(outcome => outcome == VirtErrorCode.OperationInvalid));
        Assert.Equal("Resumed/Unpaused Started/Booted", string.Join(' ', (await host.TakeAsync(2)).Select(HostFixture.Word)));
    }

    [Fact]
    public async Task Names_and_identities_stay_unique_while_domains_come_and_go()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);

        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = HostFixture.Cancel }, async (i, cancel) =>
        {
            string xml = Conditions.Xml("churn-" + (i % 7), new Guid(i % 7, 0, 0, new byte[8]));
            await OutcomeAsync(async () => await host.Driver.CreateDomainAsync(xml, StartOptions.None, cancel));
            await OutcomeAsync(async () => await host.Driver.DefineDomainAsync(xml, DefineOptions.None, cancel));
            IReadOnlyList<DomainRecord> listed = await host.Driver.ListDomainsAsync(DomainFilter.All, cancel);
            Assert.Equal(listed.Count, listed.DistinctBy(domain => domain.Uuid).Count());
            await OutcomeAsync(async () => await host.Driver.UndefineDomainAsync(new Guid(i % 7, 0, 0, new byte[8]), UndefineOptions.None, cancel));
            await OutcomeAsync(async () => await host.Driver.DestroyDomainAsync(new Guid(i % 7, 0, 0, new byte[8]), DestroyOptions.None, cancel));
        });

        foreach (DomainRecord left in await host.Driver.ListDomainsAsync(new DomainFilter(Names: ["churn-*"]), HostFixture.Cancel))
        {
            Assert.Equal(left, await host.Driver.GetDomainByUuidAsync(left.Uuid, HostFixture.Cancel));
            Assert.Equal(left.Uuid, (await host.FindAsync(left.Name)).Uuid);
        }
    }

    private static async Task<VirtErrorCode> OutcomeAsync(Func<Task> call)
    {
        try
        {
            await call();
            return VirtErrorCode.Ok;
        }
        catch (VirtException error)
        {
            return error.Code;
        }
    }
}
