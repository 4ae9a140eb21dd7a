using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Which class reads which element under <c>devices</c>. A new kind of device is one file and one line here.</summary>
internal static class DeviceRegistry
{
    private static readonly Dictionary<string, Func<XElement, GuestContext, GuestDevice>> Factories = new(StringComparer.Ordinal)
    {
        ["disk"] = (element, context) => new DiskDevice(element, context),
        ["controller"] = ControllerDevice.Create,
        ["interface"] = InterfaceDevice.Create,
        ["serial"] = (element, context) => new SerialDevice(element, context),
        ["parallel"] = (element, context) => new ParallelDevice(element, context),
        ["console"] = (element, context) => new ConsoleDevice(element, context),
        ["channel"] = (element, context) => new ChannelDevice(element, context),
        ["input"] = (element, context) => new InputDevice(element, context),
        ["graphics"] = GraphicsDevice.Create,
        ["sound"] = (element, context) => new SoundDevice(element, context),
        ["video"] = (element, context) => new VideoDevice(element, context),
        ["audio"] = (element, context) => new AudioDevice(element, context),
        ["hostdev"] = HostDevice.Create,
        ["vsock"] = (element, context) => new VsockDevice(element, context),
        ["iommu"] = (element, context) => new IommuDevice(element, context),
        ["hub"] = (element, context) => new HubDevice(element, context),
        ["watchdog"] = (element, context) => new WatchdogDevice(element, context),
        ["memory"] = (element, context) => new MemoryDevice(element, context),
        ["memballoon"] = (element, context) => new BalloonDevice(element, context),
        ["rng"] = (element, context) => new RngDevice(element, context),
        ["panic"] = (element, context) => new PanicDevice(element, context),
        ["filesystem"] = (element, context) => new FilesystemDevice(element, context),
        ["smartcard"] = (element, context) => new SmartcardDevice(element, context),
        ["redirdev"] = (element, context) => new RedirectedDevice(element, context),
        ["redirfilter"] = (element, context) => new RedirectionFilter(element, context),
        ["shmem"] = (element, context) => new SharedMemoryDevice(element, context),
        ["crypto"] = (element, context) => new CryptoDevice(element, context),
        ["pstore"] = (element, context) => new PersistentStoreDevice(element, context),
        ["lease"] = (element, context) => new LeaseDevice(element, context),
        ["nvram"] = (element, context) => throw XmlFault.Unsupported(
            element, $"the machine '{context.Machine.Name}' has no NVRAM device", "UEFI variables are the element nvram of os."),
        ["tpm"] = (element, context) => new TpmDevice(element, context),
    };

    /// <summary>
    /// Reads a device; null for an element that is none: it is left as it is, with a warning.
    /// </summary>
    public static GuestDevice? Create(XElement element, GuestContext context)
    {
        string kind = element.Name.LocalName;
        if (element.Name.NamespaceName.Length > 0 || kind == "emulator")
            return null;
        if (Factories.TryGetValue(kind, out Func<XElement, GuestContext, GuestDevice>? factory))
            return factory(element, context);
        context.Warn(element, "is not a device and has no effect");
        return null;
    }
}
