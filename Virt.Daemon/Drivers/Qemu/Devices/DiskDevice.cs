using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>disk</c>: a hard disk, CD-ROM or floppy on any bus.</summary>
internal sealed class DiskDevice : GuestDevice, IUsbDevice, IPostStart
{
    private readonly DiskTarget _target;
    private readonly DiskDriver _driver;
    private readonly DiskIdentity _identity;
    private readonly VirtioOptions? _virtio;
    private readonly string? _model;
    private readonly bool _readOnly;
    private readonly bool _shareable;
    private DriveAddress _drive;

    public DiskDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Kind = element.Choice("device", "disk", "cdrom", "floppy", "lun") ?? "disk";
        if (Kind == "lun")
            throw XmlFault.Unsupported(element.Attribute("device")!, "SCSI pass-through is not supported by this version");
        element.SetDefault("type", "file");
        element.SetAttributeValue("device", Kind);
        _driver = new DiskDriver(element, context);
        _target = DiskTarget.Read(element, Kind);
        Source = DiskSource.Read(element, _driver.Format);
        _identity = new DiskIdentity(element, _target.Bus);
        _model = element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional");
        if (_model is not null && _target.Bus != "virtio")
            throw XmlFault.Invalid(
                element.Attribute("model")!, $"only a disk with bus='virtio' has a model, not bus='{_target.Bus}'");
        if (_target.Bus == "virtio")
            _virtio = VirtioOptions.Read(element);
        else
            _driver.CheckNotVirtio(_target.Bus);
        if (Kind == "cdrom")
            element.GetOrAdd("readonly");
        _readOnly = element.Element("readonly") is not null;
        _shareable = element.Element("shareable") is not null;
        Check();
    }

    /// <summary><c>disk</c>, <c>cdrom</c> or <c>floppy</c>.</summary>
    public string Kind { get; }

    /// <summary>The name in the guest's definition, as <c>vda</c>.</summary>
    public string Target => _target.Name;

    /// <summary>QEMU's path of the device that has the disk, by which the monitor's block commands know it.</summary>
    public string QomPath => $"/machine/peripheral/{Alias}" + (_target.Bus == "virtio" ? "/virtio-backend" : "");

    /// <summary>The image; null for an empty drive.</summary>
    public DiskSource? Source { get; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _target.Bus == "virtio" ? PciNeed.Express : PciNeed.None;

    /// <inheritdoc/>
    public override string BootClass => Kind switch { "cdrom" => "cdrom", "floppy" => "fd", _ => "hd" };

    /// <inheritdoc/>
    public bool IsOnUsb => _target.Bus == "usb";

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override void Connect()
    {
        if (_target.Bus is not ("sata" or "ide" or "scsi" or "fdc"))
            return;
        _drive = DriveAddress.Read(Element) ?? DriveAddress.FromIndex(_target.Bus, _target.Index);
        _drive.Write(Element);
        if (Context.Of<DiskDevice>().FirstOrDefault(IsInSamePlace) is { } twin)
            throw XmlFault.Invalid(Element, $"the disks '{twin.Target}' and '{Target}' have the same address on {_target.Bus}");
        HasDrive = true;
        if (Controller is null)
            Context.Imply(
                new XElement("controller", new XAttribute("type", _target.Bus), new XAttribute("index", _drive.Controller)));
        if (Controller is not null)
            DiskSlots.Check(Element, _drive, Controller);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string? node = Source?.AddTo(arguments, _driver, _readOnly);
        if (node is not null && _driver.CopyOnRead)
        {
            string filter = $"libvirt-CoR-{Target}";
            arguments.Add(
                "-blockdev",
                new JsonObject { ["driver"] = "copy-on-read", ["node-name"] = filter, ["file"] = node, ["discard"] = "unmap" });
            node = filter;
        }

        JsonObject device = NewDevice(Driver);
        switch (_target.Bus)
        {
            case "virtio":
                device.With("num-queues", _driver.Queues).With("queue-size", _driver.QueueSize).With("iothread", _driver.IOThread)
                    .With("event_idx", _driver.EventIndex).With("ioeventfd", _driver.IOEventFd).WithVirtio(_virtio);
                break;
            case "usb":
                device.OnUsb(UsbPort, Context).With("removable", Element.Element("target")!.Flag("removable") ?? false);
                break;
            default:
                DiskSlots.Place(device, _drive, Controller!);
                break;
        }

        device.With("drive", node).With("share-rw", _shareable ? true : null);
        if (_target.Bus == "fdc")
        {
            if (BootIndex is not null)
                arguments.Add("-global", $"isa-fdc.bootindex{(_drive.Unit == 0 ? 'A' : 'B')}={BootIndex}");
        }
        else
        {
            device.With("bootindex", BootIndex).With("write-cache", node is null ? null : _driver.WriteCache);
            _identity.AddTo(device, _target.Bus == "scsi" ? $"drive-{DefaultAlias}" : null);
        }

        arguments.AddDevice(device.With("werror", _driver.ErrorPolicy).With("rerror", _driver.ReadErrorPolicy));
    }

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart() => DiskThrottle.Read(Element, QomPath) is { } throttle && Source is not null
        ? [throttle]
        : [];

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => Source?.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => Source?.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => DefaultAlias;

    private bool HasDrive { get; set; }

    private bool IsInSamePlace(DiskDevice other) =>
        other != this && other._target.Bus == _target.Bus && other.HasDrive && other._drive == _drive;

    private string DefaultAlias => _target.Bus switch
    {
        "virtio" => $"virtio-disk{_target.Index}",
        "usb" => $"usb-disk{_target.Index}",
        "scsi" when Controller is ScsiController { IsNarrow: false } =>
            $"scsi{_drive.Controller}-{_drive.Bus}-{_drive.Target}-{_drive.Unit}",
        var bus => $"{bus}{_drive.Controller}-{_drive.Bus}-{_drive.Unit}",
    };

    private ControllerDevice? Controller =>
        Context.Of<ControllerDevice>()
            .FirstOrDefault(controller => controller.Type == _target.Bus && controller.Index == _drive.Controller);

    private string Driver => _target.Bus switch
    {
        "virtio" => VirtioOptions.Driver("virtio-blk-pci", _model),
        "fdc" => "floppy",
        "usb" => "usb-storage",
        "scsi" => Kind == "cdrom" ? "scsi-cd" : "scsi-hd",
        _ => Kind == "cdrom" ? "ide-cd" : "ide-hd",
    };

    private void Check()
    {
        if (Source is null && Kind == "disk")
            throw XmlFault.Invalid(Element, $"the disk '{Target}' has no source");
        if (_readOnly && Kind == "disk" && _target.Bus is ("ide" or "sata"))
            throw XmlFault.Unsupported(
                Element.Element("readonly")!, $"a disk with bus='{_target.Bus}' cannot be read-only",
                "Use bus='virtio' or bus='scsi'.");
        if (_shareable && _driver.Format != "raw" && !_readOnly)
            throw XmlFault.Unsupported(Element.Element("shareable")!, $"only raw images can be shared, not '{_driver.Format}'");
        if (Element.Element("transient") is { } transient)
            throw XmlFault.Unsupported(transient, "transient disks are not supported by this version");
        if ((Element.Element("auth") ?? Element.Element("encryption")) is { } secret)
            throw XmlFault.Unsupported(secret, "it is not supported by this version for a disk");
        _ = DiskThrottle.Read(Element, QomPath);
        Context.RequireDevice(Element, Driver);
    }
}
