using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Virt.Daemon.Drivers.Network;
using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Secret;
using Virt.Daemon.Drivers.Storage;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Hosting;
using Virt.Domains;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>A QEMU host on a folder of its own. At the end its guests are killed, found by the pid files below that folder.</summary>
public sealed class QemuFixture : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("virt-q-").FullName;
    private readonly ConcurrentQueue<DomainLifecycleEvent> _events = new();
    private readonly SemaphoreSlim _news = new(0);

    internal BarePlanner Planner { get; } = new();

    internal IGuestPlanner? RealPlanner { get; private set; }

    internal VirtDirectories Directories { get; private set; } = null!;

    internal QemuHost Host { get; private set; } = null!;

    internal QemuHypervisorDriver Driver { get; private set; } = null!;

    internal static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal static async Task<QemuFixture> StartAsync(string below = "")
    {
        var fixture = new QemuFixture();
        fixture.Directories = VirtDirectories.FromRoot(Path.Combine(fixture._root, below));
        await fixture.OpenAsync();
        return fixture;
    }

    /// <summary>With the planner of the product instead of the bare machines.</summary>
    internal static async Task<QemuFixture> StartRealAsync()
    {
        var fixture = new QemuFixture();
        fixture.Directories = VirtDirectories.FromRoot(fixture._root);
        fixture.RealPlanner = new QemuGuestPlanner(
            new QemuCapabilitiesCache(fixture.Directories.CapabilitiesCache),
            new GuestPreparation(new SecretStore(fixture.Directories.Secrets, NullLogger.Instance), new StoragePools(new ImageStore(new StorageFolders(fixture.Directories.Images, []))), new HostNetworks(fixture.Directories.Networks, null)),
            GuestHost.Of(new QemuFolders(fixture.Directories)), NullLogger.Instance);
        await fixture.OpenAsync();
        return fixture;
    }

    internal string Root => _root;

    internal QemuFolders Folders => Host.Services.Folders;

    internal IEnumerable<string> EventNames => _events.Select(e => $"{e.Kind}/{e.Detail}");

    /// <summary>Ends the daemon's part without touching guests, and begins anew, as a restarted daemon does.</summary>
    internal async Task RestartAsync(Action? between = null)
    {
        await Driver.DisposeAsync();
        await Host.DisposeAsync();
        between?.Invoke();
        await OpenAsync();
    }

    internal async Task OpenAsync()
    {
        ILogger logger = NullLogger.Instance;
        Directories.Create(shared: false);
        Host = new QemuHost(Directories, RealPlanner ?? Planner, logger);
        await Host.InitializeAsync(Cancel);
        Driver = NewConnection();
        await Driver.SubscribeDomainEventsAsync(e =>
        {
            _events.Enqueue(e);
            _news.Release();
        }, Cancel);
    }

    internal QemuHypervisorDriver NewConnection() => new(Host, null!);

    internal void ForgetEvents() => _events.Clear();

    /// <summary>Waits until the events so far hold one of these; fails after some minutes.</summary>
    internal async Task<DomainLifecycleEvent> WaitForAsync(DomainEventKind kind, DomainEventDetail detail)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        while (true)
        {
            if (_events.FirstOrDefault(e => e.Kind == kind && e.Detail == detail) is { } found)
                return found;
            try
            {
                await _news.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no {kind}/{detail} among: {string.Join(", ", EventNames)}");
            }
        }
    }

    internal static string Xml(string name, string devices = "", string more = "", int memory = 64, Guid? uuid = null) => $"""
        <domain type='qemu'>
          <name>{name}</name>{(uuid is { } id ? $"<uuid>{id}</uuid>" : "")}
          <memory unit='MiB'>{memory}</memory>
          <vcpu>1</vcpu>
          {more}
          <devices>{devices}</devices>
        </domain>
        """;

    internal async Task<DomainRecord> DefineAsync(string name, string devices = "", string more = "", int memory = 64) =>
        await Driver.DefineDomainAsync(Xml(name, devices, more, memory), DefineOptions.None, Cancel);

    internal async Task<DomainRecord> StartAsync(string name, StartOptions options = StartOptions.None, string devices = "", string more = "", int memory = 64)
    {
        DomainRecord defined = await DefineAsync(name, devices, more, memory);
        return await Driver.StartDomainAsync(defined.Uuid, options, Cancel);
    }

    internal int PidOf(DomainRecord domain) => Host.Services.Table.Get(domain.Uuid).Run!.Process!.Pid;

    public async ValueTask DisposeAsync()
    {
        int[] pids = [.. Host.Services.Table.All.Select(domain => domain.Run?.Process?.Pid ?? 0), .. PidFiles()];
        await Driver.DisposeAsync();
        await Host.DisposeAsync();
        foreach (int pid in pids.Where(pid => pid > 0 && IsOurs(pid)).Distinct())
            Signals.Send(pid, Signals.Kill);
        Directory.Delete(_root, recursive: true);
    }

    private IEnumerable<int> PidFiles() =>
        Directory.EnumerateFiles(_root, "qemu.pid", SearchOption.AllDirectories)
            .Select(path => int.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0);

    private bool IsOurs(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(_root, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
