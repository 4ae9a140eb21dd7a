using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Devices.DiskSources;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>disk</c>: a hard disk, CD-ROM, floppy or SCSI unit on any bus, from anywhere.</summary>
internal sealed class DiskDevice : GuestDevice, IUsbDevice, IPostStart, IPreparedDevice
{
    private readonly DiskTarget _target;
    private readonly DiskDriver _driver;
    private readonly DiskIdentity _identity;
    private readonly VhostUserDisk? _served;
    private readonly VirtioOptions? _virtio;
    private readonly string? _model;
    private readonly bool _readOnly;
    private readonly bool _shareable;
    private DriveAddress _drive;

    public DiskDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Kind = element.Choice("device", "disk", "cdrom", "floppy", "lun") ?? "disk";
        element.SetDefault("type", "file");
        element.SetAttributeValue("device", Kind);
        _driver = new DiskDriver(element, context);
        _target = DiskTarget.Read(element, Kind);
        _served = VhostUserDisk.Read(element, context);
        Source = _served is null ? DiskSource.Read(element, _driver.Format) : null;
        _identity = new DiskIdentity(element, _target.Bus);
        _model = element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional");
        if (_model is not null && _target.Bus != "virtio")
            throw XmlFault.Unsupported(
                element.Attribute("model")!, $"only a disk with bus='virtio' has a model, not bus='{_target.Bus}'");
        if (_target.Bus == "virtio")
            _virtio = VirtioOptions.Read(element);
        else
            _driver.CheckNotVirtio(_target.Bus);
        if (Kind == "cdrom")
            element.GetOrAdd("readonly");
        _readOnly = element.Element("readonly") is not null;
        _shareable = element.Element("shareable") is not null;
        DiskRules.Check(element, Source, _driver, _target);
        DiskThrottle.CheckGroup(element, context.Of<DiskDevice>().Select(other => other.Element));
        _ = DiskThrottle.Read(Element, QomPath);
        if (Source is null && _served is null && Kind == "disk")
            throw XmlFault.Invalid(Element, $"the disk '{Target}' has no source");
        CheckHost();
    }

    /// <summary><c>disk</c>, <c>cdrom</c>, <c>floppy</c> or <c>lun</c>.</summary>
    public string Kind { get; }

    /// <summary>The name in the guest's definition, as <c>vda</c>.</summary>
    public string Target => _target.Name;

    /// <summary>QEMU's path of the device that has the disk, by which the monitor's block commands know it.</summary>
    public string QomPath => $"/machine/peripheral/{Alias}" + (_target.Bus == "virtio" ? "/virtio-backend" : "");

    /// <summary>The image; null for an empty drive, and for a disk that another process serves.</summary>
    public DiskSource? Source { get; private set; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _target.Bus == "virtio" ? PciNeed.Express : PciNeed.None;

    /// <inheritdoc/>
    public override string BootClass => Kind switch { "cdrom" => "cdrom", "floppy" => "fd", _ => "hd" };

    /// <inheritdoc/>
    public bool IsOnUsb => _target.Bus == "usb";

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources
    {
        get
        {
            if (NeedsReservationHelper && Context.Of<DiskDevice>().First(disk => disk.NeedsReservationHelper) == this)
                yield return new ReservationHelper();
            if (Overlay() is { } overlay)
                yield return overlay;
        }
    }

    private bool NeedsReservationHelper => Source?.NeedsReservationHelper == true;

    /// <inheritdoc/>
    public override IEnumerable<GuestFile> Files
    {
        get
        {
            if (_served is not null)
                return DeviceFiles.Of(Element);
            string what = $"disk {Target}";
            return Overlay() is { } overlay
                ? [.. Source!.Files(what, FileNeed.Read), new GuestFile(what, overlay.File, FileNeed.Write)]
                : Source?.Files(what, Need) ?? [];
        }
    }

    private FileNeed Need => _readOnly ? FileNeed.Read : _shareable ? FileNeed.Share : FileNeed.Write;

    private bool HasDrive { get; set; }

    private ControllerDevice? Controller => FindController(_drive.Controller);

    private string Driver => _target.Bus switch
    {
        "virtio" => VirtioOptions.Driver(_served is null ? "virtio-blk-pci" : "vhost-user-blk-pci", _model),
        "fdc" => "floppy",
        "usb" => "usb-storage",
        "scsi" => Kind switch { "cdrom" => "scsi-cd", "lun" => "scsi-block", _ => "scsi-hd" },
        "ide" or "sata" => Kind == "cdrom" ? "ide-cd" : "ide-hd",
        _ => "",
    };

    private string DefaultAlias => _target.Bus switch
    {
        "virtio" => $"virtio-disk{_target.Index}",
        "usb" => $"usb-disk{_target.Index}",
        "sd" or "xen" or "uml" => $"{_target.Bus}-disk{_target.Index}",
        "scsi" when Controller is ScsiController { IsNarrow: false } =>
            $"scsi{_drive.Controller}-{_drive.Bus}-{_drive.Target}-{_drive.Unit}",
        var bus => $"{bus}{_drive.Controller}-{_drive.Bus}-{_drive.Unit}",
    };

    /// <inheritdoc/>
    public override void Connect()
    {
        if (IsOnUsb && Element.Element("address") is { } address && address.Text("type") != "usb")
            throw XmlFault.Invalid(address, $"a disk on bus='usb' has an address of type 'usb', not '{address.Text("type")}'");
        if (_target.Bus is not ("sata" or "ide" or "scsi" or "fdc"))
            return;
        _drive = DriveAddress.Read(Element) ?? DriveAddress.FromIndex(_target.Bus, _target.Index);
        _drive.Write(Element);
        if (Context.Of<DiskDevice>().FirstOrDefault(IsInSamePlace) is { } twin)
            throw XmlFault.Invalid(Element, $"the disks '{twin.Target}' and '{Target}' have the same address on {_target.Bus}");
        HasDrive = true;
        for (int index = 0; index <= _drive.Controller; index++)
        {
            if (FindController(index) is null)
                Context.Imply(new XElement("controller", new XAttribute("type", _target.Bus), new XAttribute("index", index)));
        }
    }

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(GuestPreparation host, CancellationToken cancel)
    {
        if (Source is not null)
            await Source.PrepareAsync(host, writes: !_readOnly && Element.Element("transient") is null, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string? node = AddNodes(arguments);
        JsonObject device = NewDevice(Driver);
        switch (_target.Bus)
        {
            case "virtio":
                device.With("scsi", Kind == "lun" ? true : null).With("num-queues", _driver.Queues).With("queue-size", _driver.QueueSize)
                    .With("iothread", _driver.IOThread).With("event_idx", _driver.EventIndex).With("ioeventfd", _driver.IOEventFd)
                    .WithArray("iothread-vq-mapping", _driver.IOThreads).WithVirtio(_virtio).With("chardev", _served?.AddTo(arguments, Alias));
                break;
            case "usb":
                device.OnUsb(UsbPort, Context).With("removable", Element.Element("target")!.Flag("removable") ?? false);
                break;
            default:
                DiskSlots.Check(Element, _drive, Controller!);
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
            device.With("bootindex", BootIndex).With("write-cache", node is null || Kind == "lun" ? null : _driver.WriteCache);
            _identity.AddTo(device, _target.Bus == "scsi" && Kind != "lun" ? $"drive-{DefaultAlias}" : null);
        }

        arguments.AddDevice(device.With("werror", _driver.ErrorPolicy is "enospace" ? "enospc" : _driver.ErrorPolicy).With("rerror", _driver.ReadErrorPolicy));
    }

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart()
    {
        if (DiskThrottle.Read(Element, QomPath) is { } throttle && Source is not null)
            yield return throttle;
        if (Kind == "cdrom" && Element.Element("target")!.Text("tray") == "open")
            yield return new PostStartCommand("blockdev-open-tray", new JsonObject { ["id"] = QomPath, ["force"] = true });
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => Source?.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => Source?.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => DefaultAlias;

    private void CheckHost()
    {
        if (Driver.Length > 0)
            Context.RequireDevice(Element, Driver);
        else
        {
            Context.FailStart(
                Element.Element("target")!, $"QEMU's x86 machines have no disks on bus='{_target.Bus}'", "Use bus='virtio', 'scsi', 'sata' or 'usb'.");
        }

        _driver.CheckVersion(Context);
        if (Element.Flag("rawio") == true && (!Environment.IsPrivilegedProcess || Context.Host.IsSeparate))
            Context.FailStart(Element.Attribute("rawio")!, "QEMU runs without the privilege for it (CAP_SYS_RAWIO)", "Run QEMU as root (qemu.user in virtd.json).");
    }

    private string? AddNodes(QemuArguments arguments)
    {
        if (Source is null)
            return null;
        string node;
        if (Overlay() is { } overlay)
            node = overlay.AddTo(arguments, _driver, Source.AddTo(arguments, _driver, readOnly: true, Kind, isTop: false));
        else
            node = Source.AddTo(arguments, _driver, _readOnly || Source.IsFolder, Kind);
        if (!_driver.CopyOnRead)
            return node;
        string filter = $"libvirt-CoR-{Target}";
        arguments.Add(
            "-blockdev",
            new JsonObject { ["driver"] = "copy-on-read", ["node-name"] = filter, ["file"] = node, ["discard"] = "unmap" });
        return filter;
    }

    private TransientOverlay? Overlay() => Element.Element("transient") is null || Source?.Path is not { } path
        ? null
        : new TransientOverlay(path, Source is { IsEncrypted: true, Format: "raw" } ? "luks" : Source.Format, Context.General.Name);

    private ControllerDevice? FindController(int index) =>
        Context.Of<ControllerDevice>().FirstOrDefault(controller => controller.Type == _target.Bus && controller.Index == index);

    private bool IsInSamePlace(DiskDevice other) =>
        other != this && other._target.Bus == _target.Bus && other.HasDrive && other._drive == _drive;
}
