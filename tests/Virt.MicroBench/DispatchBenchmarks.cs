using BenchmarkDotNet.Attributes;
using Virt.Domains;
using Virt.Drivers;
using Virt.Remote;

namespace Virt.MicroBench;

/// <summary>
/// Calls through client, frames, daemon and driver, over a pair of pipes in memory in place of a socket. The bytes are those of
/// both sides.
/// </summary>
[BenchmarkCategory("dispatch")]
public class DispatchBenchmarks : IAsyncDisposable
{
    private const int Domains = 1000;
    private const int Callers = 16;

    private BenchDaemon _daemon = null!;
    private RemoteDriverConnection _connection = null!;
    private IHypervisorDriver _driver = null!;
    private Guid _uuid;

    /// <summary>Connects.</summary>
    [GlobalSetup]
    public async Task SetupAsync()
    {
        _daemon = new BenchDaemon();
        _connection = await _daemon.ConnectAsync(Domains);
        _driver = _connection.Hypervisor;
        _uuid = (await _driver.ListDomainsAsync(DomainFilter.All, CancellationToken.None))[^1].Uuid;
    }

    /// <summary>Disconnects.</summary>
    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _daemon.DisposeAsync();
    }

    /// <summary>One small call: a round trip.</summary>
    [Benchmark]
    public async Task GetDomain() => await _driver.GetDomainByUuidAsync(_uuid, CancellationToken.None);

    /// <summary>The same under a token that could cancel it, as commands have.</summary>
    [Benchmark]
    public async Task GetDomainCancellable()
    {
        using CancellationTokenSource source = new();
        await _driver.GetDomainByUuidAsync(_uuid, source.Token);
    }

    /// <summary>Sixteen small calls at once.</summary>
    [Benchmark(OperationsPerInvoke = Callers)]
    public async Task GetDomainSixteenAtOnce()
    {
        Task[] calls = new Task[Callers];
        for (int i = 0; i < Callers; i++)
            calls[i] = _driver.GetDomainByUuidAsync(_uuid, CancellationToken.None).AsTask();
        await Task.WhenAll(calls);
    }

    /// <summary>A call that changes something, so that the audit log has a line of it.</summary>
    [Benchmark]
    public async Task SetAutostart() =>
        await _driver.ChangeDomainAsync(_uuid, new DomainChange(Autostart: true), ChangeScope.Config, CancellationToken.None);

    /// <summary>A call that fails.</summary>
    [Benchmark]
    public async Task GetMissingDomain()
    {
        try
        {
            await _driver.GetDomainByUuidAsync(Guid.Empty, CancellationToken.None);
        }
        catch (Virt.Errors.VirtException)
        {
            // What is measured.
        }
    }

    /// <summary>All domains, a thousand.</summary>
    [Benchmark]
    public async Task ListDomains() => await _driver.ListDomainsAsync(DomainFilter.All, CancellationToken.None);

    /// <summary>The statistics of all domains.</summary>
    [Benchmark]
    public async Task GetStatistics() => await _driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, CancellationToken.None);
}
