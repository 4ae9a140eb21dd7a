using System.Diagnostics;
using Virt.Connections;
using Virt.Domains;

namespace Virt.Fuzz.Load;

/// <summary>A client that calls one thing after the other, as people and programs do, and notes how long each took.</summary>
internal sealed class GoodClient(VirtConnection connection, int number)
{
    private static readonly DomainFilter Nobody = DomainFilter.All;

    private readonly string _name = $"load-{number}";

    /// <summary>How long calls took.</summary>
    public List<TimeSpan> Latencies { get; } = [];

    /// <summary>What went wrong.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Calls until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var random = new Random(number);
        while (!stop.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                await CallAsync(random.Next(7));
                Latencies.Add(Stopwatch.GetElapsedTime(began));
            }
            catch (Exception failure)
            {
                Failures.Add($"{failure.GetType().Name}: {failure.Message}");
                return;
            }
        }
    }

    private async Task CallAsync(int kind)
    {
        switch (kind)
        {
            case 0:
                await connection.Hypervisor.ListDomainsAsync(Nobody, CancellationToken.None);
                break;
            case 1:
                await connection.Hypervisor.GetDomainByNameAsync("test", CancellationToken.None);
                break;
            case 2:
                DomainRecord web = await connection.Hypervisor.GetDomainByNameAsync("web1", CancellationToken.None);
                await connection.Hypervisor.GetDomainXmlAsync(web.Uuid, XmlOptions.None, CancellationToken.None);
                break;
            case 3:
                await connection.Hypervisor.GetDomainStatisticsAsync(Nobody, StatisticsGroups.All, CancellationToken.None);
                break;
            case 4:
                await using (await connection.Hypervisor.SubscribeDomainEventsAsync(_ => { }, CancellationToken.None))
                    await connection.Hypervisor.GetHostAsync(CancellationToken.None);
                break;
            case 5:
                DomainRecord defined = await connection.Hypervisor.DefineDomainAsync(
                    $"<domain type='test'><name>{_name}</name><memory>65536</memory><os><type>hvm</type></os></domain>", DefineOptions.None, CancellationToken.None);
                await connection.Hypervisor.UndefineDomainAsync(defined.Uuid, UndefineOptions.None, CancellationToken.None);
                break;
            default:
                await connection.Hypervisor.GetHostAsync(CancellationToken.None);
                break;
        }
    }
}
