using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>What is refused, with which code, and that the error names the line and the element.</summary>
public sealed class DefinitionFaultTests
{
    private const VirtErrorCode Xml = VirtErrorCode.XmlError;
    private const VirtErrorCode Unsupported = VirtErrorCode.ConfigurationUnsupported;


    /// <summary>Devices on line 8 and what is said of them.</summary>
    public static TheoryData<string, VirtErrorCode, string> Devices => new()
    {
        { "<tpm model='tpm-tis'/>", Xml, "line 8: <tpm>: the element backend is missing" },
        { "<tpm model='tpm-spapr'><backend type='emulator'/></tpm>", Unsupported, "has no TPM 'tpm-spapr'" },
        { "<tpm model='tpm-crb'><backend type='emulator' version='1.2'/></tpm>", Unsupported, "a TPM 1.2 has not the interface 'tpm-crb'" },
        { "<tpm><backend type='emulator' version='1.2'><active_pcr_banks><sha1/></active_pcr_banks></backend></tpm>", Xml, "only a TPM 2.0 has PCR banks" },
        { "<tpm><backend type='external'><source type='unix' mode='bind' path='/s'/></backend></tpm>", Xml, "line 8: <source>: an external TPM is one to connect to" },
        { "<tpm><backend type='passthrough'/></tpm><tpm><backend type='emulator'/></tpm>", Unsupported, "only one TPM" },
        { "<hostdev mode='subsystem' type='pci'/>", Xml, "line 8: <hostdev>: the element source is missing" },
        { "<hostdev mode='capabilities' type='misc'><source/></hostdev>", Unsupported, "line 8: <hostdev>: QEMU guests have no devices of mode 'capabilities'" },
        { "<hostdev type='usb'><source><vendor id='0x1234'/></source></hostdev>", Xml, "line 8: <source>: the element product is missing" },
        { "<hostdev type='usb'><source/></hostdev>", Xml, "it names no device" },
        { "<hostdev type='pci'><source writeFiltering='no'><address bus='3'/></source></hostdev>", Unsupported, "QEMU filters no writes" },
        { "<hostdev type='scsi_host'><source protocol='vhost' wwpn='naa.12'/></hostdev>", Xml, "is not 'naa.' and 16 hexadecimal digits" },
        { "<hostdev type='mdev' model='vfio-ap'><source><address uuid='x'/></source></hostdev>", Unsupported, "'vfio-ap' is not for x86 machines" },
        { "<vsock><cid auto='no' address='2'/></vsock>", Unsupported, "the numbers of guests begin with 3" },
        { "<iommu model='smmuv3'/>", Unsupported, "'smmuv3' is for Arm machines" },
        { "<iommu model='virtio'><driver eim='on'/></iommu>", Xml, "the iommu 'virtio' has no such option" },
        { "<hub type='usb'><address type='usb' bus='7' port='1'/></hub>", Xml, "there is no usb controller with index 7" },
        { "<input type='tablet' bus='usb'><address type='usb' bus='0' port='1.1'/></input>", Xml, "there is no hub at port 1" },
        { "<input type='tablet' bus='usb'><address type='usb' bus='0' port='5'/></input>", Xml, "there are ports 1 to 4, not 5" },
        { "<input type='tablet' bus='usb'><address type='pci' slot='5'/></input>", Xml, "has an address of type 'usb', not 'pci'" },
        { "<controller type='usb' model='qemu-xhci' ports='16'/>", Unsupported, "at most 15 ports" },
        { "<controller type='pci' index='1' model='pci-expander-bus'/>", Unsupported, "is for machines with conventional PCI" },
        { "<controller type='pci' index='1' model='pcie-expander-bus'><target><node>3</node></target></controller>", Xml, "the guest has no NUMA node 3" },
        { "<controller type='pci' index='1' model='pcie-root-port'><target busNr='3'/></controller>", Unsupported, "line 8: <target> busNr: a 'pcie-root-port' has none" },
        { "<controller type='pci' index='1' model='pcie-switch-downstream-port'/>", Xml, "none can be added by itself" },
        {
            "<controller type='pci' index='1' model='pcie-switch-upstream-port'><address type='pci' bus='2' slot='0'/></controller>"
                + "<controller type='pci' index='2' model='pcie-switch-downstream-port'><address type='pci' bus='1' slot='0'/></controller>",
            Xml, "line 8: <controller>: the PCI controller 1 is on a bus that is below itself"
        },
        { "<controller type='pci' index='0' model='pcie-root'><address type='pci' slot='3'/></controller>", Unsupported, "it has no address" },
        { "<filesystem type='mount'/>", Xml, "line 8: <filesystem>: the target needs the attribute dir" },
        { "<filesystem type='ram'><source usage='1024'/><target dir='t'/></filesystem>", Unsupported, "a filesystem of type 'ram'" },
        { Share("", "fmode='0644'"), Unsupported, "line 8: <filesystem> fmode: only accessmode='mapped'" },
        { Share("", "accessmode='mapped' dmode='1000'"), Xml, "'1000' is not a file mode" },
        { Share("<driver type='virtiofs'/>"), Unsupported, "line 8: <filesystem>: virtiofs needs guest memory that other processes can share" },
        { Share("<driver type='loop'/>"), Unsupported, "the driver 'loop'" },
        { "<controller type='xenbus'/>", Unsupported, "line 8: <controller>: QEMU's x86 machines have no controller of type 'xenbus'" },
        { "<controller type='usb' model='ohci'/>", Xml, "line 8: <controller> model: 'ohci' is not one of" },
        { "<controller type='scsi' index='300'/>", Xml, "line 8: <controller> index: '300' is not a whole number from 0 to 255" },
        { "<controller type='scsi' index='0'/><controller type='scsi' index='0'/>", Xml, "line 8: <controller>: two controllers of type 'scsi' have the index 0" },
        { "<controller type='ide'/>", Unsupported, "line 8: <controller>: the machine 'pc-q35" },
        { "<controller type='pci' index='0' model='pci-root'/>", Xml, "is 'pcie-root'" },
        { "<controller type='usb' model='ich9-uhci1'/>", Xml, "there is no USB controller whose companion it could be" },
        { "<disk type='file'/>", Xml, "line 8: <disk>: the element target is missing" },
        { "<disk type='file'><target dev='vda'/></disk>", Xml, "line 8: <disk>: the disk 'vda' has no source" },
        { "<disk type='file'><source file='relative.img'/><target dev='vda'/></disk>", Xml, "line 8: <source> file: 'relative.img' is not an absolute path" },
        { "<disk type='file'><source file='/a'/><target dev='zz'/></disk>", Xml, "line 8: <target> dev: 'zz' is not a disk name" },
        { "<disk type='file'><source file='/a'/><target dev='vda' bus='pata'/></disk>", Xml, "line 8: <target> bus: 'pata' is not one of" },
        { "<disk type='file'><driver name='qemu' type='exe'/><source file='/a'/><target dev='vda'/></disk>", Xml, "line 8: <driver> type: 'exe'" },
        { "<disk type='file'><driver name='qemu' cache='maybe'/><source file='/a'/><target dev='vda'/></disk>", Xml, "line 8: <driver> cache: 'maybe'" },
        { "<disk type='file'><driver name='qemu' io='native'/><source file='/a'/><target dev='vda'/></disk>", Unsupported, "native I/O needs cache" },
        { "<disk type='file'><driver name='qemu' iothread='7'/><source file='/a'/><target dev='vda'/></disk>", Xml, "there is no iothread 7" },
        { "<disk type='file'><driver name='qemu' queues='2'/><source file='/a'/><target dev='sda' bus='sata'/></disk>", Unsupported, "line 8: <driver> queues:" },
        { "<disk type='file'><source file='/a'/><target dev='sda' bus='sata'/><readonly/></disk>", Unsupported, "line 8: <readonly>:" },
        { "<disk type='file'><source file='/a'/><target dev='hda'/></disk>", Unsupported, "has no IDE" },
        { "<disk type='file' device='cdrom'><target dev='vda' bus='virtio'/></disk>", Unsupported, "a CD-ROM cannot be on bus='virtio'" },
        { Disk("") + Disk(""), Xml, "line 8: <target>: the target 'vda' is taken" },
        { Disk("<boot order='0'/>"), Xml, "line 8: <boot> order: '0'" },
        { Disk("<iotune><bytes>1</bytes></iotune>"), Xml, "line 8: <bytes>: it is not a limit" },
        { Disk("<serial>é</serial>"), Xml, "line 8: <serial>:" },
        { Disk("<wwn>5000c50015ea71ac</wwn>"), Unsupported, "line 8: <wwn>: a disk with bus='virtio' cannot have it" },
        { Disk("<address type='pci' bus='0x00' slot='0x1f' function='0x0'/>"), Xml, "taken by the machine's own chipset" },
        { Disk("<address type='pci' bus='0x00' slot='0x00' function='0x0'/>"), Xml, "has slots 1 to 31, not 0" },
        { Disk("<address type='pci' bus='0x01' slot='0x03' function='0x0'/>"), Xml, "of 'pcie-root-port' has slots 0 to 0, not 3" },
        { Disk("<address type='pci' bus='0x00' slot='0x40' function='0x0'/>"), Xml, "line 8: <address> slot: '0x40' is not a whole number from 0 to 31" },
        { Disk("<address type='pci' domain='0x0001' bus='0' slot='3'/>"), Unsupported, "line 8: <address> domain:" },
        { "<interface type='network'/>", Xml, "line 8: <interface>: the element source is missing" },
        { "<interface type='warp'/>", Xml, "line 8: <interface> type: 'warp' is not one of" },
        { "<interface type='bridge'><source bridge='b'/><target dev='a/b'/></interface>", Xml, "'a/b' is not a name of a network interface" },
        { "<interface type='bridge'><source bridge='b'/><vlan/></interface>", Xml, "line 8: <vlan>: the element tag is missing" },
        { "<interface type='bridge'><source bridge='b'/><vlan trunk='no'><tag id='1'/><tag id='2'/></vlan></interface>", Xml, "make a trunk" },
        { "<interface type='bridge'><source bridge='b'/><bandwidth><inbound peak='1'/></bandwidth></interface>", Xml, "the attribute average is missing" },
        { "<interface type='bridge'><source bridge='b'/><ip address='10.0.0.1'/></interface>", Unsupported, "only to guests on an interface of type 'user'" },
        { "<interface type='bridge'><source bridge='b'/><target dev='t0' managed='no'/></interface>", Unsupported, "of type 'ethernet' can be there before" },
        { "<interface type='ethernet'><port isolated='yes'/></interface>", Unsupported, "is no port of a bridge" },
        { "<interface type='user'><virtualport type='openvswitch'/></interface>", Unsupported, "line 8: <virtualport>: an interface of type 'user' cannot have it" },
        { "<interface type='user'><backend type='passt'/></interface>", Xml, "'passt' is not a back end" },
        { "<interface type='user'><mtu size='1400'/></interface>", Unsupported, "has no MTU to set" },
        { "<interface type='vhostuser'><source type='unix' path='/s' mode='client'/><model type='e1000'/></interface>", Xml, "has a virtio model" },
        { "<interface type='user'><model type='virtio'/><driver rx_queue_size='300'/></interface>", Unsupported, "300 is not a power of two" },
        { "<interface type='user'><model type='e1000'/><teaming type='persistent'/></interface>", Unsupported, "has the model 'virtio'" },
        { "<interface type='udp'><source address='h' port='1'/></interface>", Xml, "the element local is missing" },
        { "<interface type='user'><mac address='52:54:00:00:00'/></interface>", Xml, "line 8: <mac> address: '52:54:00:00:00' is not a MAC address" },
        { "<interface type='user'><mac address='53:54:00:00:00:01'/></interface>", Xml, "is a multicast address" },
        { "<interface type='user'><model type='tu,lip'/></interface>", Xml, "line 8: <model> type: 'tu,lip' is not the name of a model" },
        { "<interface type='user'><ip address='10.0.0.300'/></interface>", Xml, "'10.0.0.300' is not an IPv4 address" },
        { "<serial type='file'/>", Xml, "the source of a 'file' needs a path" },
        { "<serial type='tcp'><source mode='bind' host='h' service='1,server=on'/></serial>", Xml, "line 8: <source> service: '1,server=on' is not a port" },
        { "<channel type='unix'><source path='/s'/><target type='guestfwd' address='::1' port='1'/></channel>", Xml, "line 8: <target> address: '::1' is not an IPv4 address" },
        { "<channel type='spicevmc'><target type='virtio'/></channel>", Unsupported, "needs graphics of type 'spice'" },
        { "<serial/><console/><console><target type='serial'/></console>", Unsupported, "only the first console can be a serial port" },
        { "<graphics type='rdp'/>", Unsupported, "line 8: <graphics>: QEMU has no graphics of type 'rdp'" },
        { "<graphics type='spice' port='5900' tlsPort='5901'/>", Unsupported, "line 8: <graphics> tlsPort: SPICE with TLS" },
        { "<graphics type='vnc' passwd='x' connected='fail'/>", Unsupported, "VNC keeps those who are connected" },
        { "<graphics type='vnc' listen='1.2.3.4'><listen type='address' address='4.3.2.1'/></graphics>", Unsupported, "two places to listen" },
        { "<graphics type='vnc'/><graphics type='egl-headless'/><graphics type='sdl'/>", Unsupported, "go only with 'vnc' and 'spice'" },
        { "<graphics type='vnc' passwd='123456789'/>", Unsupported, "only 8 characters" },
        { "<graphics type='vnc' keymap='de -S'/>", Xml, "is not a keymap" },
        { "<graphics type='vnc' listen='127.0.0.1:0,password=off'/>", Xml, "is not an address to listen on" },
        { "<video><model type='xen'/></video>", Unsupported, "QEMU has no video 'xen'" },
        { "<video><model type='vga'/></video><video><model type='vga'/></video>", Unsupported, "video 'vga' can only be the first" },
        { "<rng model='virtio'><backend model='egd' type='udp'/></rng>", Xml, "a udp device needs a source with mode='connect'" },
        { "<video><model type='vga' ram='65536'/></video>", Unsupported, "line 8: <model> ram: only video 'qxl' has it" },
        { "<video><model type='vga'><acceleration accel3d='yes'/></model></video>", Unsupported, "only video 'virtio' accelerates" },
        { "<sound model='ich7'/>", Unsupported, "QEMU has no sound card 'ich7'" },
        { "<sound model='ac97'><audio id='7'/></sound>", Unsupported, "there is no audio with the id 7" },
        { "<smartcard mode='host-certificates'><certificate>a</certificate></smartcard>", Xml, "has 3 of them" },
        { "<redirdev bus='usb' type='spicevmc'/>", Unsupported, "needs graphics of type 'spice'" },
        { "<redirfilter><usbdev version='1' allow='yes'/></redirfilter>", Xml, "'1' is not a version" },
        { "<shmem name='../x'><model type='ivshmem-plain'/></shmem>", Xml, "'../x' is not the name of shared memory" },
        { "<shmem name='x'><model type='ivshmem-doorbell'/></shmem>", Unsupported, "needs a server" },
        { "<nvram/>", Unsupported, "has no NVRAM device" },
        { "<input type='keyboard' bus='virtio' model='virtio-transitional'/>", Unsupported, "QEMU has no keyboard of model" },
        { "<memballoon model='virtio'/><memballoon model='virtio'/>", Xml, "only one memballoon" },
        { "<panic model='pseries'/>", Unsupported, "no panic device 'pseries'" },
        { "<input type='tablet' bus='ps2'/>", Unsupported, "no tablet on bus 'ps2'" },
        { "<audio id='1' type='spice'/>", Unsupported, "audio of type 'spice' needs graphics" },
        { "<rng model='virtio'><backend model='builtin'/><alias name='ua-a,b'/></rng>", Xml, "line 8: <alias> name: 'ua-a,b' is not an alias" },
        { "<emulator>qemu</emulator>", Xml, "'qemu' is not an absolute path" },
    };

    /// <summary>Elements on line 6.</summary>
    public static TheoryData<string, VirtErrorCode, string> General => new()
    {
        { "<cpu mode='maximum'><topology sockets='1' cores='3' threads='1'/></cpu>", Unsupported, "line 6: <topology>:" },
        { "<vcpu>289</vcpu>", Unsupported, "at most 288 virtual CPUs" },
        { "<features><gic version='3'/></features>", Unsupported, "line 6: <gic>:" },
        { "<clock offset='utc'><timer name='armvtimer'/></clock>", Unsupported, "line 6: <timer>:" },
        { "<clock offset='timezone' timezone='../../etc, passwd'/>", Xml, "line 6: <clock>:" },
        { "<on_reboot>rename-restart</on_reboot>", Unsupported, "line 6: <on_reboot>:" },
        { "<genid>no</genid>", Xml, "line 6: <genid>: 'no' is not a uuid" },
        { "<qemu:commandline><qemu:env name='A=B' value='c'/></qemu:commandline>", Xml, "'A=B' is not the name" },
    };

    [Theory]
    [MemberData(nameof(Devices))]
    public async Task Devices_are_refused(string devices, VirtErrorCode code, string message)
    {
        VirtException fault = await Assert.ThrowsAsync<VirtException>(async () =>
        {
            var general = DomainDefinition.Parse(TestQemu.Domain(devices));
            _ = GuestDefinition.EmulatorOf(general);
            GuestDefinition.Parse(general, await TestQemu.GetAsync());
        });
        Assert.Equal(code, fault.Code);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Devices on line 8 that are valid and that this host or this QEMU has not.</summary>
    public static TheoryData<string, string> NotHere => new()
    {
        { "<serial type='null'><target port='4'/></serial>", "4 ISA serial ports" },
        { "<serial type='tcp'><source mode='bind' host='h' service='1'/><protocol type='tls'/></serial>", "line 8: <protocol>: QEMU has no such protocol" },
        { "<console type='pty'><target type='xen'/></console>", "a console of type 'xen'" },
        { "<graphics type='vnc' port='80'/>", "a VNC port is at least 5900" },
        { "<graphics type='vnc'/><graphics type='vnc'/>", "only one graphics of type 'vnc'" },
        { "<lease><lockspace>a</lockspace><key>b</key><target path='/c'/></lease>", "line 8: <lease>: a lease needs a lock manager" },
        { "<audio id='1' type='coreaudio'/>", "not for Linux hosts" },
        { "<serial type='nmdm'><source master='/dev/nmdm0A' slave='/dev/nmdm0B'/></serial>", "line 8: <serial> type: 'nmdm' is not for Linux hosts" },
    };

    [Theory]
    [MemberData(nameof(NotHere))]
    public async Task What_the_host_lacks_is_refused_at_start(string devices, string message)
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(devices));
        VirtException fault = Assert.Throws<VirtException>(guest.CheckStart);
        Assert.Equal(VirtErrorCode.ConfigurationUnsupported, fault.Code);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(General))]
    public async Task The_general_part_is_refused(string general, VirtErrorCode code, string message)
    {
        VirtException fault = await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(general: general)));
        Assert.Equal(code, fault.Code);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<boot dev='usb'/>", "line 5: <boot>: 'usb'")]
    [InlineData("<cmdline>quiet</cmdline>", "line 5: <cmdline>: it has no effect without the element kernel")]
    [InlineData("<kernel>vmlinuz</kernel>", "line 5: <kernel>: 'vmlinuz' is not an absolute path")]
    public async Task The_os_part_is_refused(string os, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(os: os)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("virt", "has no machine 'virt'")]
    [InlineData("microvm", "the machine 'microvm' is not supported")]
    [InlineData("q35,accel=kvm", "has no machine 'q35,accel=kvm'")]
    public async Task Machines_are_refused(string machine, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(machine: machine)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task All_that_is_wrong_comes_at_once()
    {
        VirtException fault = await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(
            "<tpm model='no'/>\n<graphics type='rdp'/>\n<disk type='file'><target dev='vda'/></disk>", "<genid>no</genid>")));
        Assert.Equal(VirtErrorCode.XmlError, fault.Code);
        foreach (string part in (string[])["line 6: <genid>", "line 8: <tpm>", "line 9: <graphics>", "line 10: <disk>"])
            Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kvm_is_refused_at_start_with_its_reason()
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(type: "kvm"));
        QemuCapabilities without = await TestQemu.GetAsync() with { Kvm = new KvmSupport(false, "the moon is full") };
        VirtException fault = Assert.Throws<VirtException>(() => QemuCommandLine.Build(guest, without, new LaunchPaths("/r", "/r/p", "/l")));
        Assert.Equal(VirtErrorCode.ConfigurationUnsupported, fault.Code);
        Assert.Contains("the moon is full", fault.Message, StringComparison.Ordinal);
        Assert.Equal("guest", fault.Target);
        Assert.Contains("type='qemu'", fault.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_devices_than_any_guest_has_are_refused_quickly()
    {
        string many = string.Concat(Enumerable.Repeat("<rng model='virtio'><backend model='builtin'/></rng>", 5000));
        Assert.Contains("at most 4096 devices", (await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(many)))).Message, StringComparison.Ordinal);
        string more = string.Concat(Enumerable.Repeat("<rng model='virtio'><backend model='builtin'/></rng>", 2000));
        Assert.Contains("255 PCI buses", (await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(more)))).Message, StringComparison.Ordinal);
        Assert.True((await TestQemu.ParseAsync(TestQemu.Domain(more, machine: "pc"))).Devices.Count > 2000);
    }

    private static string Share(string inside, string attributes = "") =>
        $"<filesystem {attributes}>{inside}<source dir='/srv'/><target dir='t'/></filesystem>";

    private static string Disk(string inside) => $"<disk type='file'><source file='/a.img'/><target dev='vda' bus='virtio'/>{inside}</disk>";
}
