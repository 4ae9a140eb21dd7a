using System.Runtime.CompilerServices;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Hosts;
using Virt.Rpc;
using Virt.Storage;

// Virt.Core is not loaded where PowerShell looks for types by name. What scripts name, such as [Virt.Errors.VirtNotFoundException]
// in a catch, is found through this assembly.
[assembly: TypeForwardedTo(typeof(Access))]
[assembly: TypeForwardedTo(typeof(CallOutcome))]
[assembly: TypeForwardedTo(typeof(ChangeScope))]
[assembly: TypeForwardedTo(typeof(DeviceCapabilities))]
[assembly: TypeForwardedTo(typeof(DiskLimits))]
[assembly: TypeForwardedTo(typeof(DiskSpecification))]
[assembly: TypeForwardedTo(typeof(DomainEventDetail))]
[assembly: TypeForwardedTo(typeof(DomainEventKind))]
[assembly: TypeForwardedTo(typeof(DomainState))]
[assembly: TypeForwardedTo(typeof(DomainStateReason))]
[assembly: TypeForwardedTo(typeof(GraphicsSpecification))]
[assembly: TypeForwardedTo(typeof(GuestCapabilities))]
[assembly: TypeForwardedTo(typeof(ImageLayer))]
[assembly: TypeForwardedTo(typeof(InterfaceSpecification))]
[assembly: TypeForwardedTo(typeof(LaunchCommand))]
[assembly: TypeForwardedTo(typeof(LifecycleAction))]
[assembly: TypeForwardedTo(typeof(MachineCapabilities))]
[assembly: TypeForwardedTo(typeof(SerialSource))]
[assembly: TypeForwardedTo(typeof(SharedFolderSpecification))]
[assembly: TypeForwardedTo(typeof(ShutdownMode))]
[assembly: TypeForwardedTo(typeof(VirtAccessDeniedException))]
[assembly: TypeForwardedTo(typeof(VirtConnectionException))]
[assembly: TypeForwardedTo(typeof(VirtErrorCode))]
[assembly: TypeForwardedTo(typeof(VirtException))]
[assembly: TypeForwardedTo(typeof(VirtInvalidStateException))]
[assembly: TypeForwardedTo(typeof(VirtNotFoundException))]
