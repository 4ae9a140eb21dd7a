using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Errors;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>What is refused of the part outside devices: at define what is wrong, at start what this host cannot give.</summary>
public sealed class PlatformFaultTests
{
    private const string Cells = "<cpu><numa><cell id='0' cpus='0' memory='64' unit='MiB'/><cell id='1' memory='64' unit='MiB'/></numa></cpu>";

    [Theory]
    [InlineData("<loader type='pflash'>/a.fd</loader>", "", "UEFI needs ACPI")]
    [InlineData("<loader readonly='yes' type='pflash'/>", "<features><acpi/></features>", "line 5: <loader>: it names no image")]
    [InlineData("<nvram>/a</nvram>", "", "line 5: <nvram>: it has no effect without a loader")]
    [InlineData("<loader readonly='yes' type='pflash' stateless='yes'>/a</loader><nvram>/b</nvram>", "<features><acpi/></features>", "a stateless loader has none")]
    [InlineData("<loader type='rom' stateless='no'>/a</loader>", "", "only UEFI keeps a state")]
    [InlineData("<loader readonly='yes' secure='yes' type='pflash'>/a</loader>", "<features><acpi/></features>", "Secure Boot needs SMM")]
    [InlineData("<firmware><feature enabled='yes' name='secure-boot'/></firmware>", "", "features choose among firmware")]
    [InlineData("<acpi><table type='slic'>slic.dat</table></acpi>", "", "line 5: <table>: 'slic.dat' is not an absolute path")]
    [InlineData("<acpi><table type='dsdt'>/a</table></acpi>", "", "line 5: <table> type: 'dsdt'")]
    [InlineData("<smbios/>", "", "line 5: <smbios>: the attribute mode is missing")]
    public Task The_os_part_is_refused(string os, string general, string message) => RefusedAsync(general, message, os);

    [Theory]
    [InlineData("<loader>/a</loader>", "'path' cannot be given for a firmware that is selected")]
    [InlineData("<loader secure='no'/>", "secure='no'")]
    [InlineData("<nvram template='/t'>/n</nvram>", "line 5: <nvram> template: it cannot be given")]
    [InlineData("<firmware><feature enabled='yes' name='enrolled-keys'/><feature enabled='no' name='secure-boot'/></firmware>", "keys cannot be enrolled")]
    public async Task A_selected_firmware_is_not_named_too(string os, string message)
    {
        string xml = TestQemu.Domain(general: "<features><acpi/></features>", os: os).Replace("<os>", "<os firmware='efi'>", StringComparison.Ordinal);
        Assert.Contains(message, (await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(xml))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<sysinfo type='smbios'><system><entry name='uuid'>22222222-2222-4333-8444-555555555555</entry></system></sysinfo>", "it is not the domain's uuid")]
    [InlineData("<sysinfo type='smbios'><bios><entry name='date'>yesterday</entry></bios></sysinfo>", "'yesterday' is not a date")]
    [InlineData("<sysinfo type='fwcfg'><entry name='etc/x'>y</entry></sysinfo>", "does not begin with 'opt/'")]
    [InlineData("<sysinfo type='fwcfg'><entry name='opt/ovmf/x'>y</entry></sysinfo>", "is reserved")]
    [InlineData("<sysinfo type='fwcfg'><entry name='opt/x'/></sysinfo>", "neither a text nor the attribute file")]
    [InlineData("<cpu mode='maximum'><cache mode='emulate' level='2'/></cpu>", "only a cache of level 3")]
    [InlineData("<cpu mode='custom'><model>qemu64</model><cache mode='passthrough'/></cpu>", "the host's cache can be passed through only")]
    [InlineData("<cpu mode='maximum'><maxphysaddr mode='emulate'/></cpu>", "needs the attribute bits")]
    [InlineData("<cpu mode='maximum'><maxphysaddr mode='passthrough' bits='40'/></cpu>", "goes with the mode 'emulate' only")]
    [InlineData("<cpu><numa><cell id='1' memory='1' unit='MiB'/></numa></cpu>", "the numbers of 1 cells are 0 to 0")]
    [InlineData("<cpu><numa><cell id='0' memory='1' unit='GiB'/><cell id='0' memory='1' unit='GiB'/></numa></cpu>", "two cells have the id 0")]
    [InlineData("<cpu><numa><cell id='0' cpus='0-7' memory='1' unit='GiB'/></numa></cpu>", "the domain has only 1 virtual CPUs")]
    [InlineData("<cpu><numa><cell id='0' cpus='x' memory='1' unit='GiB'/></numa></cpu>", "'x' is not a set of numbers")]
    [InlineData("<cpu><numa><cell id='0' memory='9' unit='EiB'/></numa></cpu>", "is too large")]
    [InlineData("<cpu><numa><cell id='0' memory='1' unit='GiB'><distances><sibling id='0' value='20'/></distances></cell></numa></cpu>", "the distance 20 is not possible")]
    [InlineData(Cells + "<numatune><memnode cellid='2' nodeset='0'/></numatune>", "the guest has no NUMA cell 2")]
    [InlineData("<numatune><memnode cellid='0' nodeset='0'/></numatune>", "the guest has no NUMA cells")]
    [InlineData("<numatune><memory mode='strict'/></numatune>", "the attribute nodeset is missing")]
    [InlineData("<memoryBacking><hugepages><page size='2' unit='MiB' nodeset='3'/></hugepages></memoryBacking>", "the guest has no NUMA cell 3")]
    [InlineData("<memoryBacking><hugepages/><allocation mode='ondemand'/></memoryBacking>", "cannot be allocated on demand")]
    [InlineData("<maxMemory unit='GiB'>4</maxMemory>", "it needs a size and the attribute slots")]
    [InlineData("<maxMemory slots='2' unit='MiB'>64</maxMemory>", "it is less than the domain's memory")]
    [InlineData("<features><smm state='on'><tseg unit='KiB'>100</tseg></smm></features>", "it must be whole mebibytes")]
    [InlineData("<features><kvm><dirty-ring state='on' size='3000'/></kvm></features>", "is not a power of two")]
    [InlineData("<features><kvm><hint-dedicated state='on'/></kvm></features>", "dedicated processors go with")]
    [InlineData("<features><hpt/></features>", "has no feature 'hpt'")]
    [InlineData("<vcpu>2</vcpu><vcpus><vcpu id='0' enabled='no' hotpluggable='yes'/></vcpus>", "the virtual CPU 0 must be enabled")]
    [InlineData("<vcpu>2</vcpu><vcpus><vcpu id='2' enabled='yes'/></vcpus>", "the domain has no virtual CPU 2")]
    [InlineData("<iothreadids><iothread id='1' thread_pool_min='9' thread_pool_max='4'/></iothreadids>", "is more than thread_pool_max")]
    [InlineData("<cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='0' cpuset='1'/></cputune>", "two are for vcpu 0")]
    [InlineData("<cputune><vcpusched vcpus='0' scheduler='fifo'/></cputune>", "needs the attribute priority")]
    [InlineData("<cputune><period>10</period></cputune>", "a period is 1000 to 1000000")]
    [InlineData("<memtune><min_guarantee>1</min_guarantee></memtune>", "no guaranteed memory")]
    [InlineData("<qemu:override><qemu:device alias='a'><qemu:frontend><qemu:property name='driver' type='string' value='x'/></qemu:frontend></qemu:device></qemu:override>", "the property 'driver' cannot be changed")]
    public Task The_general_part_is_refused(string general, string message) => RefusedAsync(general, message, "");

    [Theory]
    [InlineData("<memory model='dimm'/>", "line 8: <memory>: the element target is missing")]
    [InlineData("<memory model='dimm'><target><size>0</size></target></memory>", "a memory device has memory")]
    [InlineData("<memory model='dimm'><target><size unit='MiB'>64</size><node>4</node></target></memory>", "the guest has no NUMA cell 4")]
    [InlineData("<memory model='nvdimm'><target><size unit='MiB'>64</size></target></memory>", "needs a source with a path")]
    [InlineData("<memory model='virtio-mem'><target><size unit='MiB'>64</size><block unit='MiB'>3</block></target></memory>", "it must be a power of two")]
    [InlineData("<memory model='virtio-mem'><target><size unit='MiB'>64</size><block unit='MiB'>2</block><requested unit='MiB'>3</requested></target></memory>", "a multiple of the block size")]
    [InlineData("<memory model='virtio-pmem'><source><path>/p</path></source><target><size unit='MiB'>64</size></target></memory>", "needs access='shared'")]
    public async Task Memory_devices_are_refused(string device, string message) => Assert.Contains(
        message, (await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(device, Cells)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("<cpu mode='host-passthrough'/>", "needs a domain of type 'kvm'")]
    [InlineData("<cpu mode='custom'><model>i9</model></cpu>", "QEMU has no CPU model 'i9'")]
    [InlineData("<cpu mode='maximum'><feature name='warp'/></cpu>", "QEMU has no CPU feature 'warp'")]
    [InlineData("<cpu mode='custom' check='partial'><model>Icelake-Server</model></cpu>", "this host cannot give the CPU model 'Icelake-Server'")]
    [InlineData("<features><hyperv mode='passthrough'/></features>", "Hyper-V mode 'passthrough'")]
    [InlineData("<launchSecurity type='sev'><policy>0x1</policy></launchSecurity>", "AMD SEV needs")]
    [InlineData("<maxMemory slots='4' unit='GiB'>4</maxMemory>", "needs a NUMA cell")]
    [InlineData("<vcpu placement='auto'>1</vcpu>", "automatic placement")]
    [InlineData("<seclabel type='static' model='selinux'><label>a</label></seclabel>", "labels of 'selinux'")]
    [InlineData("<keywrap/>", "key wrapping is not for x86")]
    [InlineData("<cputune><cachetune vcpus='0'/></cputune>", "cannot be divided")]
    public async Task What_the_host_lacks_is_said_at_start(string general, string message)
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(general: general));
        VirtException fault = Assert.Throws<VirtException>(() => Build(guest));
        Assert.Equal(VirtErrorCode.ConfigurationUnsupported, fault.Code);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains("line 6:", fault.Message, StringComparison.Ordinal);
    }

    private static QemuCommandLine Build(GuestDefinition guest) =>
        QemuCommandLine.Build(guest, TestQemu.GetAsync().GetAwaiter().GetResult(), new LaunchPaths("/r", "/r/p", "/l"));

    private static async Task RefusedAsync(string general, string message, string os) => Assert.Contains(
        message, (await Assert.ThrowsAsync<VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(general: general, os: os)))).Message, StringComparison.Ordinal);
}
