using Virt.Domains;
using Virt.Drivers;
using Virt.Hosts;
using Virt.Streams;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>A hypervisor that does nothing; tests override what they use.</summary>
internal abstract class UnusedHypervisor : IHypervisorDriver
{
    public virtual ValueTask<HostRecord> GetHostAsync(CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<HostCapabilities> GetHostCapabilitiesAsync(CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainCapabilities> GetDomainCapabilitiesAsync(DomainCapabilitiesRequest request, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyList<DomainRecord>> ListDomainsAsync(DomainFilter filter, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> GetDomainByNameAsync(string name, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> GetDomainByUuidAsync(Guid uuid, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> GetDomainByIdAsync(int id, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<string> GetDomainXmlAsync(Guid uuid, XmlOptions options, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyList<DomainStatistics>> GetDomainStatisticsAsync(DomainFilter filter, StatisticsGroups groups, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<IAsyncDisposable> SubscribeDomainEventsAsync(Action<DomainLifecycleEvent> handler, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> DefineDomainAsync(string xml, DefineOptions options, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask UndefineDomainAsync(Guid uuid, UndefineOptions options, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> ChangeDomainAsync(Guid uuid, DomainChange change, ChangeScope scope, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> RenameDomainAsync(Guid uuid, string newName, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> CreateDomainAsync(string xml, StartOptions options, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> StartDomainAsync(Guid uuid, StartOptions options, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> ShutdownDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> DestroyDomainAsync(Guid uuid, DestroyOptions options, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> RebootDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> ResetDomainAsync(Guid uuid, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> SuspendDomainAsync(Guid uuid, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> ResumeDomainAsync(Guid uuid, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> SaveDomainAsync(Guid uuid, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DomainRecord> RemoveSavedDomainAsync(Guid uuid, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyList<DomainDeviceList>> ListDomainDevicesAsync(DomainFilter filter, DeviceQuery query, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<LaunchCommand> GetLaunchCommandAsync(string xml, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DeviceChange> AttachDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DeviceChange> DetachDeviceAsync(Guid uuid, string xml, ChangeScope scope, TimeSpan timeout, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DeviceChange> UpdateDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<DeviceChange> ResizeDiskAsync(Guid uuid, string target, long capacity, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask<VirtStream> OpenConsoleAsync(Guid uuid, string? device, ConsoleOptions options, CancellationToken cancel) =>
        throw new NotSupportedException();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
