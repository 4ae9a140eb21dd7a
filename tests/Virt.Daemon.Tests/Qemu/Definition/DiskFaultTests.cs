using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Errors;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>What of disks and their controllers is refused, when, and in which words.</summary>
public sealed class DiskFaultTests
{
    private const VirtErrorCode Xml = VirtErrorCode.XmlError;
    private const VirtErrorCode Unsupported = VirtErrorCode.ConfigurationUnsupported;
    private const string Secret = "<secret type='passphrase' uuid='0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f'/>";

    /// <summary>Devices on line 8, refused when they are defined.</summary>
    public static TheoryData<string, VirtErrorCode, string> Refused => new()
    {
        { "<disk type='tape'><source file='/a'/><target dev='vda'/></disk>", Xml, "line 8: <disk> type: 'tape' is not one of file" },
        { Network("tftp", "name='a'"), Unsupported, "<source> protocol: QEMU has no disk over tftp" },
        { Network("smb", "name='a'"), Xml, "<source> protocol: 'smb' is not one of" },
        { Network("rbd", "name='noslash'"), Xml, "'noslash' is not a pool" },
        { Network("iscsi", "name='iqn.2000-01.x:y/z'"), Xml, "'z' is not the number of a unit" },
        { Network("http", "name='a'", "<host name='a b'/>"), Xml, "'a b' is not the name or address" },
        { Network("http", "name='a'", "<host name='a' port='70000'/>"), Xml, "<host> port: '70000'" },
        { Network("nbd", "", "<host transport='unix'/>"), Xml, "<host>: the attribute socket is missing" },
        { Network("nbd", "", "<host name='a'/><auth username='u'/>"), Unsupported, "<auth>: a disk over nbd has no authentication" },
        { Network("iscsi", "name='i'", "<host name='a'/><auth username='u'><secret type='ceph' usage='x'/></auth>"), Unsupported, "needs a secret of type 'iscsi', not 'ceph'" },
        { Network("http", "name='a'", "<host name='a'/><ssl verify='no'/>"), Unsupported, "<ssl>: only https and ftps" },
        { Network("http", "name='a'", "<host name='a'/><cookies><cookie name='x'>a;b</cookie></cookies>"), Xml, "<cookie>: it has characters" },
        { Network("nfs", "name='/a'", "<host name='a' port='1'/>"), Unsupported, "an NFS server has no port" },
        { "<disk type='nvme'><source type='pci' namespace='0'><address bus='1'/></source><target dev='vda'/></disk>", Xml, "<source> namespace: '0'" },
        { "<disk type='dir'><driver name='qemu' type='fat'/><source dir='/a'/><target dev='vda'/></disk>", Unsupported, "a folder is shown read-only" },
        { "<disk type='dir'><driver name='qemu' type='raw'/><source dir='/a'/><target dev='vda'/><readonly/></disk>", Unsupported, "shown as type='fat'" },
        { Disk("", "fat"), Unsupported, "only a folder (type='dir')" },
        { Disk("", "iso"), Unsupported, "<driver> type: it is not a format of QEMU" },
        { Disk("", "luks"), Unsupported, "<driver> type: a LUKS image has type='raw'" },
        { Disk("<encryption format='luks'/>"), Xml, "<encryption>: the element secret is missing" },
        { Disk($"<encryption format='qcow'>{Secret}</encryption>"), Unsupported, "old encryption" },
        { Disk($"<encryption format='luks2'>{Secret}</encryption>"), Unsupported, "LUKS 1 only" },
        { Disk($"<encryption format='luks'>{Secret}</encryption>", "vmdk"), Unsupported, "only raw and qcow2 images are encrypted" },
        { Disk($"<encryption format='luks'>{Secret}<cipher name='aes'/></encryption>"), Unsupported, "<cipher>: the image itself tells" },
        { Disk("<encryption format='luks'><secret type='passphrase'/></encryption>"), Xml, "<secret>: it needs one of the attributes" },
        { Disk("<transient shareBacking='maybe'/>"), Xml, "<transient> shareBacking" },
        { Disk("<transient/><readonly/>"), Unsupported, "<transient>: the disk is read-only" },
        { "<disk type='file' device='lun'><source file='/a'/><target dev='sda' bus='scsi'/></disk>", Unsupported, "only block devices and iSCSI units" },
        { "<disk type='block' device='lun'><source dev='/dev/a'/><target dev='sda' bus='sata'/></disk>", Unsupported, "cannot be on bus='sata'" },
        { "<disk type='block' device='lun' sgio='unfiltered'><source dev='/dev/a'/><target dev='sda' bus='scsi'/></disk>", Unsupported, "<disk> sgio: unfiltered" },
        { "<disk type='block' device='lun'><source dev='/dev/a'/><target dev='sda' bus='scsi'/><serial>x</serial></disk>", Unsupported, "tells its own serial" },
        { "<disk type='block'><source dev='/dev/a'><reservations managed='yes'/></source><target dev='sda' bus='scsi'/></disk>", Unsupported, "<reservations>: only a disk with device='lun'" },
        { "<disk type='file' rawio='yes'><source file='/a'/><target dev='vda'/></disk>", Unsupported, "<disk> rawio: only" },
        { "<disk type='file'><source file='/a' startupPolicy='requisite'/><target dev='vda'/></disk>", Xml, "<source> startupPolicy: only CD-ROM" },
        { "<disk type='file'><source file='/a'/><target dev='vda' tray='open'/></disk>", Unsupported, "<target> tray:" },
        { "<disk type='file'><source file='/a'/><target dev='vda' removable='on'/></disk>", Xml, "<target> removable:" },
        { "<disk type='file'><source file='/a'/><target dev='fda' bus='virtio'/></disk>", Xml, "cannot be called 'fda'" },
        { "<disk type='file'><source file='/a'/><target dev='sda' bus='usb'/><address type='drive'/></disk>", Xml, "has an address of type 'usb', not 'drive'" },
        { "<disk type='file'><source file='/a'/><target dev='sda' bus='usb'/><geometry cyls='1' heads='1' secs='1'/></disk>", Unsupported, "<geometry>: a disk with bus='usb'" },
        { "<disk type='file'><driver name='tap' type='raw'/><source file='/a'/><target dev='vda'/></disk>", Unsupported, "<driver> name: 'tap'" },
        { "<disk type='file'><driver name='qemu' rerror_policy='enospace'/><source file='/a'/><target dev='vda'/></disk>", Unsupported, "<driver> rerror_policy:" },
        { "<disk type='file'><driver name='qemu' type='raw'><metadata_cache><max_size>1</max_size></metadata_cache></driver><source file='/a'/><target dev='vda'/></disk>", Unsupported, "only qcow2 images have a metadata cache" },
        { Disk("<iotune><total_bytes_sec>1</total_bytes_sec><read_bytes_sec>1</read_bytes_sec></iotune>"), Xml, "<total_bytes_sec>: it cannot be combined" },
        { Disk("<iotune><group_name>g</group_name></iotune>"), Unsupported, "<group_name>: a group without limits" },
        { Disk("<iotune><total_iops_sec>1</total_iops_sec><group_name>g</group_name></iotune>") + Disk("<iotune><total_iops_sec>2</total_iops_sec><group_name>g</group_name></iotune>").Replace("vda", "vdb", StringComparison.Ordinal), Unsupported, "of the group 'g' has other limits" },
        { "<disk type='vhostuser'><source type='unix' path='/s'/><target dev='vda' bus='virtio'/></disk>", Unsupported, "not shared" },
        { "<disk type='vhostuser'><source type='unix' path='/s'/><target dev='vda' bus='virtio'/><serial>1</serial></disk>", Unsupported, "<serial>: such a disk does not have it" },
        { "<controller type='scsi' model='buslogic'/>", Unsupported, "no SCSI controller 'buslogic'" },
        { "<controller type='scsi' model='lsilogic'><driver queues='2'/></controller>", Unsupported, "only virtio-scsi takes driver options" },
    };

    /// <summary>Devices that are defined, and refused at the start.</summary>
    public static TheoryData<string, string> RefusedAtStart => new()
    {
        { Network("sheepdog", "name='a'", "<host name='a'/>"), "QEMU has no disk over sheepdog any more" },
        { Network("nbd", "", "<host name='a'/><host name='b'/>"), "exactly one host, not 2" },
        { Network("iscsi", "name='iqn.2000-01.x:y'", "<host transport='unix' socket='/s'/>"), "does not go through a unix socket" },
        { "<disk type='file'><source file='/a'/><target dev='sda' bus='sd'/></disk>", "no disks on bus='sd'" },
        { "<disk type='file'><source file='/a' fdgroup='g'/><target dev='vda'/></disk>", "<source> fdgroup:" },
        { "<controller type='scsi' model='ibmvscsi'/>", "has no device 'spapr-vscsi'" },
        { "<disk type='file'><driver name='qemu' type='qcow2' discard_no_unref='on'/><source file='/a'/><target dev='vda'/></disk>", "QEMU has it since 8.1" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Disks_are_refused(string devices, VirtErrorCode code, string message)
    {
        VirtException fault = await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(devices)));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains("line 8: ", fault.Message, StringComparison.Ordinal);
        Assert.Equal(code, fault.Code);
    }

    [Theory]
    [MemberData(nameof(RefusedAtStart))]
    public async Task Disks_are_refused_at_the_start(string devices, string message)
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(devices));
        QemuCapabilities capabilities = await TestQemu.GetAsync();
        VirtException fault = Assert.Throws<VirtException>(() =>
            QemuCommandLine.Build(guest, capabilities, new LaunchPaths("/r", "/r/p", "/l")));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(Unsupported, fault.Code);
    }

    private static string Disk(string inside, string format = "raw") =>
        $"<disk type='file'><driver name='qemu' type='{format}'/><source file='/a.img'/><target dev='vda' bus='virtio'/>{inside}</disk>";

    private static string Network(string protocol, string attributes, string inside = "") =>
        $"<disk type='network'><source protocol='{protocol}' {attributes}>{inside}</source><target dev='vda' bus='virtio'/></disk>";
}
