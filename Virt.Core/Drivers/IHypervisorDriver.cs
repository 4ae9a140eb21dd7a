using Virt.Domains;
using Virt.Errors;
using Virt.Hosts;
using Virt.Remote;
using Virt.Rpc;
using Virt.Streams;

namespace Virt.Drivers;

/// <summary>
/// The contract of a hypervisor driver, one instance per connection. The test, QEMU and remote drivers implement it. Every
/// method fails with a <see cref="VirtException"/>; a domain that does not exist is <see cref="VirtErrorCode.NoDomain"/>, a
/// state that forbids the call <see cref="VirtErrorCode.OperationInvalid"/>.
/// </summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version, Subject = "domain")]
public interface IHypervisorDriver : IAsyncDisposable
{
    /// <summary>The host, its hypervisor and its processors and memory.</summary>
    [Procedure(RemoteProcedure.GetHost, Access.Read)]
    ValueTask<HostRecord> GetHostAsync(CancellationToken cancel);

    /// <summary>What the host can run.</summary>
    [Procedure(RemoteProcedure.GetHostCapabilities, Access.Read)]
    ValueTask<HostCapabilities> GetHostCapabilitiesAsync(CancellationToken cancel);

    /// <summary>What one emulator, machine and domain type offer.</summary>
    [Procedure(RemoteProcedure.GetDomainCapabilities, Access.Read)]
    ValueTask<DomainCapabilities> GetDomainCapabilitiesAsync(DomainCapabilitiesRequest request, CancellationToken cancel);

    /// <summary>All domains that pass the filter, as full records, in the order of their names (ordinal).</summary>
    [Procedure(RemoteProcedure.ListDomains, Access.Read)]
    ValueTask<IReadOnlyList<DomainRecord>> ListDomainsAsync(DomainFilter filter, CancellationToken cancel);

    /// <summary>The domain with exactly this name (case counts, as in libvirt).</summary>
    [Procedure(RemoteProcedure.GetDomainByName, Access.Read)]
    ValueTask<DomainRecord> GetDomainByNameAsync(string name, CancellationToken cancel);

    /// <summary>The domain with this identity.</summary>
    [Procedure(RemoteProcedure.GetDomainByUuid, Access.Read)]
    ValueTask<DomainRecord> GetDomainByUuidAsync(Guid uuid, CancellationToken cancel);

    /// <summary>The active domain with this runtime id.</summary>
    [Procedure(RemoteProcedure.GetDomainById, Access.Read)]
    ValueTask<DomainRecord> GetDomainByIdAsync(int id, CancellationToken cancel);

    /// <summary>The definition as libvirt's domain XML. <see cref="XmlOptions.Secure"/> needs <see cref="Access.Secret"/>.</summary>
    [Procedure(RemoteProcedure.GetDomainXml, Access.Read)]
    ValueTask<string> GetDomainXmlAsync(Guid uuid, XmlOptions options, CancellationToken cancel);

    /// <summary>The counters of all domains that pass the filter, in one call.</summary>
    [Procedure(RemoteProcedure.GetDomainStatistics, Access.Read)]
    ValueTask<IReadOnlyList<DomainStatistics>> GetDomainStatisticsAsync(
        DomainFilter filter, StatisticsGroups groups, CancellationToken cancel);

    /// <summary>The devices of all domains that pass the filter, in one call.</summary>
    [Procedure(RemoteProcedure.ListDomainDevices, Access.Read)]
    ValueTask<IReadOnlyList<DomainDeviceList>> ListDomainDevicesAsync(DomainFilter filter, DeviceQuery query, CancellationToken cancel);

    /// <summary>How a definition, given as domain XML, would be run; nothing is started or stored.</summary>
    [Procedure(RemoteProcedure.GetLaunchCommand, Access.Define)]
    ValueTask<LaunchCommand> GetLaunchCommandAsync(string xml, CancellationToken cancel);

    /// <summary>Calls the handler for each lifecycle event, in order, until the result is disposed. The handler must be quick.</summary>
    [Procedure(RemoteProcedure.SubscribeDomainEvents, Access.Read)]
    ValueTask<IAsyncDisposable> SubscribeDomainEventsAsync(Action<DomainLifecycleEvent> handler, CancellationToken cancel);

    /// <summary>
    /// Defines a domain, or redefines the one with the same name and uuid. A name or uuid that belongs to another domain is
    /// <see cref="VirtErrorCode.OperationFailed"/>; XML errors name element and line.
    /// </summary>
    [Procedure(RemoteProcedure.DefineDomain, Access.Define)]
    ValueTask<DomainRecord> DefineDomainAsync(string xml, DefineOptions options, CancellationToken cancel);

    /// <summary>Removes the definition; an active domain stays as a transient one.</summary>
    [Procedure(RemoteProcedure.UndefineDomain, Access.Define)]
    ValueTask UndefineDomainAsync(Guid uuid, UndefineOptions options, CancellationToken cancel);

    /// <summary>Changes what is not null in the change, where the scope says, all or nothing.</summary>
    [Procedure(RemoteProcedure.ChangeDomain, Access.Define)]
    ValueTask<DomainRecord> ChangeDomainAsync(Guid uuid, DomainChange change, ChangeScope scope, CancellationToken cancel);

    /// <summary>
    /// Adds a device where the scope says, all or nothing. A target or address that is taken is <see
    /// cref="VirtErrorCode.OperationInvalid"/> in the definition and <see cref="VirtErrorCode.XmlError"/> in the running guest.
    /// </summary>
    [Procedure(RemoteProcedure.AttachDevice, Access.Define)]
    ValueTask<DeviceChange> AttachDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel);

    /// <summary>
    /// Takes out the device that the XML tells: by its alias, else by what identifies its kind (a disk's target, an interface's
    /// MAC), else by all that the XML says. Returns when the guest has let go of it; after the time-out it fails with <see
    /// cref="VirtErrorCode.OperationTimeout"/>, and the device may still go later. One that is not there is <see
    /// cref="VirtErrorCode.DeviceMissing"/>.
    /// </summary>
    [Procedure(RemoteProcedure.DetachDevice, Access.Define)]
    ValueTask<DeviceChange> DetachDeviceAsync(Guid uuid, string xml, ChangeScope scope, TimeSpan timeout, CancellationToken cancel);

    /// <summary>
    /// Changes the device that the XML tells to what the XML says: media, link state, bandwidth, limits of I/O, passwords, the size
    /// of memory devices. What a running guest cannot change is <see cref="VirtErrorCode.OperationUnsupported"/> and names it.
    /// </summary>
    [Procedure(RemoteProcedure.UpdateDevice, Access.Define)]
    ValueTask<DeviceChange> UpdateDeviceAsync(Guid uuid, string xml, ChangeScope scope, CancellationToken cancel);

    /// <summary>
    /// Grows the image of a disk, named by its target, to a size in bytes, in a whole number of sectors of 512; a running guest sees
    /// it at once. Less than now is refused.
    /// </summary>
    [Procedure(RemoteProcedure.ResizeDisk, Access.Define)]
    ValueTask<DeviceChange> ResizeDiskAsync(Guid uuid, string target, long capacity, CancellationToken cancel);

    /// <summary>Renames a domain that is off.</summary>
    [Procedure(RemoteProcedure.RenameDomain, Access.Define)]
    ValueTask<DomainRecord> RenameDomainAsync(Guid uuid, string newName, CancellationToken cancel);

    /// <summary>Starts a transient domain from XML; where an inactive domain has its name and uuid, it stays persistent.</summary>
    [Procedure(RemoteProcedure.CreateDomain, Access.Define | Access.Control)]
    ValueTask<DomainRecord> CreateDomainAsync(string xml, StartOptions options, CancellationToken cancel);

    /// <summary>Starts a defined domain; returns when it runs (or is ready, paused).</summary>
    [Procedure(RemoteProcedure.StartDomain, Access.Control)]
    ValueTask<DomainRecord> StartDomainAsync(Guid uuid, StartOptions options, CancellationToken cancel);

    /// <summary>Asks the guest to shut down and returns at once; the lifecycle events tell when it is off.</summary>
    [Procedure(RemoteProcedure.ShutdownDomain, Access.Control)]
    ValueTask<DomainRecord> ShutdownDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel);

    /// <summary>Turns the domain off; returns when its process has ended.</summary>
    [Procedure(RemoteProcedure.DestroyDomain, Access.Control)]
    ValueTask<DomainRecord> DestroyDomainAsync(Guid uuid, DestroyOptions options, CancellationToken cancel);

    /// <summary>Asks the guest to reboot and returns at once.</summary>
    [Procedure(RemoteProcedure.RebootDomain, Access.Control)]
    ValueTask<DomainRecord> RebootDomainAsync(Guid uuid, ShutdownMode mode, CancellationToken cancel);

    /// <summary>Resets the machine, as the reset button does.</summary>
    [Procedure(RemoteProcedure.ResetDomain, Access.Control)]
    ValueTask<DomainRecord> ResetDomainAsync(Guid uuid, CancellationToken cancel);

    /// <summary>Pauses the virtual CPUs; a paused domain is left as it is.</summary>
    [Procedure(RemoteProcedure.SuspendDomain, Access.Control)]
    ValueTask<DomainRecord> SuspendDomainAsync(Guid uuid, CancellationToken cancel);

    /// <summary>Lets the virtual CPUs run again.</summary>
    [Procedure(RemoteProcedure.ResumeDomain, Access.Control)]
    ValueTask<DomainRecord> ResumeDomainAsync(Guid uuid, CancellationToken cancel);

    /// <summary>Managed save: writes the guest's memory to disk and turns it off; the next start resumes from there.</summary>
    [Procedure(RemoteProcedure.SaveDomain, Access.Control)]
    ValueTask<DomainRecord> SaveDomainAsync(Guid uuid, CancellationToken cancel);

    /// <summary>Drops the managed save.</summary>
    [Procedure(RemoteProcedure.RemoveSavedDomain, Access.Control)]
    ValueTask<DomainRecord> RemoveSavedDomainAsync(Guid uuid, CancellationToken cancel);

    /// <summary>
    /// Opens a console, serial or parallel port of an active domain: the stream reads what the guest writes and ends when the domain
    /// does. A console has one user at a time; a second one is <see cref="VirtErrorCode.OperationFailed"/>, or with <see
    /// cref="ConsoleOptions.Force"/> takes the first one's place, whose stream fails with <see cref="VirtErrorCode.OperationAborted"/>.
    /// A port that leads where nobody can join in, as to a file, is <see cref="VirtErrorCode.OperationUnsupported"/>.
    /// </summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="device">The device's alias, as <c>serial0</c>; null for the first console, or else the first serial port.</param>
    /// <param name="options">How it is opened.</param>
    /// <param name="cancel">Ends the opening; the stream is ended by its disposal.</param>
    [Procedure(RemoteProcedure.OpenConsole, Access.Console)]
    ValueTask<VirtStream> OpenConsoleAsync(Guid uuid, string? device, ConsoleOptions options, CancellationToken cancel);
}
