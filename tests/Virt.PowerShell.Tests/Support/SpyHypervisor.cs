using System.Collections.Concurrent;
using Virt.Domains;
using Virt.Drivers;
using Virt.Hosts;
using Virt.Streams;

namespace Virt.Tests.PowerShell;

/// <summary>A driver that another does the work for; it counts the calls, and lets a test hold them back or fail them.</summary>
internal sealed class SpyHypervisor(string hostName, IHypervisorDriver inner) : IHypervisorDriver
{
    private int _now;
    private int _most;
    private int _subscriptions;

    /// <summary>Called before each call with its name.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Ends when that call comes.</summary>
    public Task CallOf(string awaited)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Before = (call, _) =>
        {
            if (call == awaited)
                came.TrySetResult();
            return Task.CompletedTask;
        };
        return came.Task;
    }

    /// <summary>Whether events are lost.</summary>
    public bool Silent { get; set; }

    /// <summary>Changes what the host says it can do.</summary>
    public Func<HostCapabilities, HostCapabilities> Capable { get; set; } = capabilities => capabilities;

    /// <summary>In which calls the host is a hostile one: what it says there passes <see cref="Hostile"/>.</summary>
    public Func<string, bool> IsHostile { get; set; } = _ => false;

    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>The most calls that were under way at once.</summary>
    public int MostAtOnce => Volatile.Read(ref _most);

    /// <summary>Subscriptions that have not ended.</summary>
    public int Subscriptions => Volatile.Read(ref _subscriptions);

    public string? DefinedXml { get; private set; }

    public async ValueTask<HostRecord> GetHostAsync(CancellationToken cancel) =>
        (await Do("GetHost", () => inner.GetHostAsync(cancel), cancel)) with { HostName = IsHostile("GetHost") ? Hostile.Text(hostName) : hostName };

    public async ValueTask<HostCapabilities> GetHostCapabilitiesAsync(CancellationToken cancel) =>
        Capable(await Do("GetHostCapabilities", () => inner.GetHostCapabilitiesAsync(cancel), cancel));

    public ValueTask<DomainCapabilities> GetDomainCapabilitiesAsync(
        DomainCapabilitiesRequest request, CancellationToken cancel) =>
        Do("GetDomainCapabilities", () => inner.GetDomainCapabilitiesAsync(request, cancel), cancel);

    public ValueTask<IReadOnlyList<DomainRecord>> ListDomainsAsync(DomainFilter filter, CancellationToken cancel) =>
        Do("ListDomains", () => inner.ListDomainsAsync(filter, cancel), cancel);

    public ValueTask<DomainRecord> GetDomainByNameAsync(string name, CancellationToken cancel) =>
        Do("GetDomainByName", () => inner.GetDomainByNameAsync(name, cancel), cancel);

    public ValueTask<DomainRecord> GetDomainByUuidAsync(Guid uuid, CancellationToken cancel) =>
        Do("GetDomainByUuid", () => inner.GetDomainByUuidAsync(uuid, cancel), cancel);

    public ValueTask<DomainRecord> GetDomainByIdAsync(int id, CancellationToken cancel) =>
        Do("GetDomainById", () => inner.GetDomainByIdAsync(id, cancel), cancel);

    public ValueTask<string> GetDomainXmlAsync(Guid uuid, XmlOptions options, CancellationToken cancel) =>
        Do("GetDomainXml", () => inner.GetDomainXmlAsync(uuid, options, cancel), cancel);

    public ValueTask<IReadOnlyList<DomainStatistics>> GetDomainStatisticsAsync(
        DomainFilter filter, StatisticsGroups groups, CancellationToken cancel) =>
        Do("GetDomainStatistics", () => inner.GetDomainStatisticsAsync(filter, groups, cancel), cancel);

    public async ValueTask<IAsyncDisposable> SubscribeDomainEventsAsync(Action<DomainLifecycleEvent> handler, CancellationToken cancel)
    {
        IAsyncDisposable subscription = await Do(
            "SubscribeDomainEvents",
            () => inner.SubscribeDomainEventsAsync(
                happened =>
                {
                    if (!Silent)
                        handler(happened);
                },
                cancel),
            cancel);
        Interlocked.Increment(ref _subscriptions);
        return new Ending(subscription, () => Interlocked.Decrement(ref _subscriptions));
    }

    public ValueTask<DomainRecord> DefineDomainAsync(string xml, DefineOptions options, CancellationToken cancel)
    {
        DefinedXml = xml;
        return Do("DefineDomain", () => inner.DefineDomainAsync(xml, options, cancel), cancel);
    }

    public async ValueTask UndefineDomainAsync(Guid uuid, UndefineOptions options, CancellationToken cancel) =>
        await Do(
            $"UndefineDomain {options}",
            async () =>
            {
                await inner.UndefineDomainAsync(uuid, options, cancel);
                return true;
            },
            cancel);

    public ValueTask<DomainRecord> ChangeDomainAsync(
        Guid uuid, DomainChange change, ChangeScope scope, CancellationToken cancel) =>
        Do($"ChangeDomain {scope}", () => inner.ChangeDomainAsync(uuid, change, scope, cancel), cancel);

    public ValueTask<DomainRecord> RenameDomainAsync(Guid uuid, string newName, CancellationToken cancel) =>
        Do("RenameDomain", () => inner.RenameDomainAsync(uuid, newName, cancel), cancel);

    public ValueTask<DomainRecord> CreateDomainAsync(string xml, StartOptions options, CancellationToken cancel) =>
        Do($"CreateDomain {options}", () => inner.CreateDomainAsync(xml, options, cancel), cancel);

    public ValueTask<DomainRecord> StartDomainAsync(Guid uuid, StartOptions options, CancellationToken cancel) =>
        Do($"StartDomain {options}", () => inner.StartDomainAsync(uuid, options, cancel), cancel);

    public ValueTask<DomainRecord> ShutdownDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) =>
        Do("ShutdownDomain", () => inner.ShutdownDomainAsync(uuid, mode, cancel), cancel);

    public ValueTask<DomainRecord> DestroyDomainAsync(Guid uuid, DestroyOptions options, CancellationToken cancel) =>
        Do("DestroyDomain", () => inner.DestroyDomainAsync(uuid, options, cancel), cancel);

    public ValueTask<DomainRecord> RebootDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) =>
        Do("RebootDomain", () => inner.RebootDomainAsync(uuid, mode, cancel), cancel);

    public ValueTask<DomainRecord> ResetDomainAsync(Guid uuid, CancellationToken cancel) =>
        Do("ResetDomain", () => inner.ResetDomainAsync(uuid, cancel), cancel);

    public ValueTask<DomainRecord> SuspendDomainAsync(Guid uuid, CancellationToken cancel) =>
        Do("SuspendDomain", () => inner.SuspendDomainAsync(uuid, cancel), cancel);

    public ValueTask<DomainRecord> ResumeDomainAsync(Guid uuid, CancellationToken cancel) =>
        Do("ResumeDomain", () => inner.ResumeDomainAsync(uuid, cancel), cancel);

    public ValueTask<DomainRecord> SaveDomainAsync(Guid uuid, CancellationToken cancel) =>
        Do("SaveDomain", () => inner.SaveDomainAsync(uuid, cancel), cancel);

    public ValueTask<DomainRecord> RemoveSavedDomainAsync(Guid uuid, CancellationToken cancel) =>
        Do("RemoveSavedDomain", () => inner.RemoveSavedDomainAsync(uuid, cancel), cancel);

    public ValueTask<IReadOnlyList<DomainDeviceList>> ListDomainDevicesAsync(
        DomainFilter filter, DeviceQuery query, CancellationToken cancel) =>
        Do("ListDomainDevices", () => inner.ListDomainDevicesAsync(filter, query, cancel), cancel);

    public ValueTask<LaunchCommand> GetLaunchCommandAsync(
        string xml, CancellationToken cancel) =>
        Do("GetLaunchCommand", () => inner.GetLaunchCommandAsync(xml, cancel), cancel);

    public ValueTask<DeviceChange> AttachDeviceAsync(
        Guid uuid, string xml, ChangeScope scope, CancellationToken cancel) =>
        Do($"AttachDevice {scope}", () => inner.AttachDeviceAsync(uuid, xml, scope, cancel), cancel);

    public ValueTask<DeviceChange> DetachDeviceAsync(
        Guid uuid, string xml, ChangeScope scope, TimeSpan timeout, CancellationToken cancel) =>
        Do($"DetachDevice {scope}", () => inner.DetachDeviceAsync(uuid, xml, scope, timeout, cancel), cancel);

    public ValueTask<DeviceChange> UpdateDeviceAsync(
        Guid uuid, string xml, ChangeScope scope, CancellationToken cancel) =>
        Do($"UpdateDevice {scope}", () => inner.UpdateDeviceAsync(uuid, xml, scope, cancel), cancel);

    public ValueTask<DeviceChange> ResizeDiskAsync(
        Guid uuid, string target, long capacity, CancellationToken cancel) =>
        Do("ResizeDisk", () => inner.ResizeDiskAsync(uuid, target, capacity, cancel), cancel);

    public ValueTask<VirtStream> OpenConsoleAsync(Guid uuid, string? device, ConsoleOptions options, CancellationToken cancel) =>
        Do("OpenConsole", () => inner.OpenConsoleAsync(uuid, device, options, cancel), cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<T> Do<T>(string call, Func<ValueTask<T>> make, CancellationToken cancel)
    {
        Calls.Enqueue(call);
        int now = Interlocked.Increment(ref _now);
        int most;
        while (now > (most = MostAtOnce))
            Interlocked.CompareExchange(ref _most, now, most);
        try
        {
            await Before(call, cancel);
            T answer = await make();
            return IsHostile(call) ? (T)Hostile.Of(answer)! : answer;
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    private sealed class Ending(IAsyncDisposable subscription, Action ended) : IAsyncDisposable
    {
        private int _ended;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _ended, 1) != 0)
                return;
            await subscription.DisposeAsync();
            ended();
        }
    }
}
