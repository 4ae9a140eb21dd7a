using System.Globalization;
using System.Xml.Linq;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>What a definition says outside devices, seen from inside a Linux that boots with it.</summary>
public sealed class PlatformGuestTests
{
    private const string Secure = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_uefi_guest_boots_and_its_variables_last()
    {
        Assert.SkipUnless(File.Exists("/usr/share/OVMF/OVMF_CODE_4M.fd"), "OVMF (Debian: ovmf) is not installed");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver hypervisor = connection.Hypervisor;
        string nvram = Path.Combine(daemon.Root, "var/lib/virt/qemu/nvram/efi_VARS.fd");
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "efi", change: xml => xml.Replace("<memory unit='MiB'>128<", "<memory unit='MiB'>256<", StringComparison.Ordinal).Replace("<os>", "<os firmware='efi'>", StringComparison.Ordinal)
                .Replace("<kernel>", "<firmware><feature enabled='no' name='secure-boot'/></firmware><kernel>", StringComparison.Ordinal));
        Assert.False(File.Exists(nvram));

        await guest.BootAsync();
        Assert.Equal("yes", await guest.ShellAsync("test -d /sys/firmware/efi && echo yes"));
        XElement live = XElement.Parse(await hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel));
        Assert.Equal("/usr/share/OVMF/OVMF_CODE_4M.fd", live.Element("os")!.Element("loader")!.Value);
        Assert.Equal(nvram, live.Element("os")!.Element("nvram")!.Value);
        await hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);

        // The firmware has written its boot variables: the file differs from the template, and stays after the end.
        byte[] template = await File.ReadAllBytesAsync("/usr/share/OVMF/OVMF_VARS_4M.fd", Cancel);
        byte[] written = await File.ReadAllBytesAsync(nvram, Cancel);
        Assert.Equal(template.Length, written.Length);
        Assert.NotEqual(template, written);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(nvram));

        await hypervisor.StartDomainAsync(guest.Uuid, StartOptions.Paused, Cancel);
        Assert.Equal(written, await File.ReadAllBytesAsync(nvram, Cancel));
        await hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        await hypervisor.StartDomainAsync(guest.Uuid, StartOptions.Paused | StartOptions.ResetNvram, Cancel);
        Assert.Equal(template, await File.ReadAllBytesAsync(nvram, Cancel));
        await hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);

        DomainRecord renamed = await hypervisor.RenameDomainAsync(guest.Uuid, "efi2", Cancel);
        string moved = nvram.Replace("efi_VARS", "efi2_VARS", StringComparison.Ordinal);
        Assert.True(File.Exists(moved) && !File.Exists(nvram));
        VirtException kept = await Assert.ThrowsAnyAsync<VirtException>(
            () => hypervisor.UndefineDomainAsync(renamed.Uuid, UndefineOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.OperationInvalid, kept.Code);
        await hypervisor.UndefineDomainAsync(renamed.Uuid, UndefineOptions.Nvram, Cancel);
        Assert.False(File.Exists(moved));
    }

    [Fact]
    public async Task Secure_boot_firmware_starts_with_smm()
    {
        Assert.SkipUnless(File.Exists(Secure), "OVMF (Debian: ovmf) is not installed");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
            """
            <domain type='qemu'><name>secure</name><memory unit='MiB'>128</memory>
            <os firmware='efi'><type machine='q35'>hvm</type><firmware><feature enabled='yes' name='secure-boot'/></firmware></os>
            <features><acpi/></features></domain>
            """, DefineOptions.None, Cancel);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
        XElement live = XElement.Parse(await connection.Hypervisor.GetDomainXmlAsync(domain.Uuid, XmlOptions.None, Cancel));
        Assert.Equal("yes", (string?)live.Element("os")!.Element("loader")!.Attribute("secure"));
        Assert.Equal("on", (string?)live.Element("features")!.Element("smm")!.Attribute("state"));
        await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task The_guest_reads_its_smbios_tables_and_fw_cfg()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "smbios", change: xml => xml.Replace(
            "<os>",
            """
            <sysinfo type='smbios'>
              <bios><entry name='vendor'>Bios, Inc.</entry><entry name='date'>12/31/2024</entry></bios>
              <system><entry name='manufacturer'>Maker</entry><entry name='product'>Thing 7</entry><entry name='serial'>S-1</entry></system>
              <baseBoard><entry name='manufacturer'>Board Maker</entry></baseBoard>
              <chassis><entry name='asset'>A-9</entry></chassis>
            </sysinfo>
            <sysinfo type='fwcfg'><entry name='opt/org.example/greeting'>hello, guest</entry></sysinfo>
            <os><smbios mode='sysinfo'/>
            """, StringComparison.Ordinal));
        await guest.BootAsync();
        Assert.Equal(
            "Bios, Inc.\n12/31/2024\nMaker\nThing 7\nS-1\nBoard Maker\nA-9",
            await guest.ShellAsync("cd /sys/class/dmi/id; cat bios_vendor bios_date sys_vendor product_name product_serial board_vendor chassis_asset_tag"));
        Assert.Equal("hello, guest", await guest.ShellAsync("cat /sys/firmware/qemu_fw_cfg/by_name/opt/org.example/greeting/raw; echo"));
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task The_guest_has_its_numa_cells_and_memory_devices()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "numa",
            """
            <memory model='dimm'><target><size unit='MiB'>128</size><node>1</node></target></memory>
            <memory model='virtio-mem'><target><size unit='MiB'>256</size><node>0</node><block unit='MiB'>2</block><requested unit='MiB'>128</requested></target></memory>
            """,
            xml => xml.Replace("<memory unit='MiB'>128</memory>", "<maxMemory slots='4' unit='GiB'>2</maxMemory>", StringComparison.Ordinal)
                .Replace("<vcpu>1</vcpu>", "<vcpu>2</vcpu>", StringComparison.Ordinal)
                .Replace("console=ttyS0", "console=ttyS0 memhp_default_state=online swiotlb=1024", StringComparison.Ordinal)
                .Replace("<devices>",
                    """
                    <cpu><numa>
                      <cell id='0' cpus='0' memory='160' unit='MiB'><distances><sibling id='1' value='31'/></distances></cell>
                      <cell id='1' cpus='1' memory='96' unit='MiB'/>
                    </numa></cpu>
                    <devices>
                    """, StringComparison.Ordinal));
        await guest.BootAsync();
        Assert.Equal("0\n1\n10 31\n31 10", await guest.ShellAsync(
            "cd /sys/devices/system/node; cat node0/cpulist node1/cpulist node0/distance node1/distance"));
        long first = await MemoryAsync(guest, 0), second = await MemoryAsync(guest, 1);
        Assert.InRange(second, 128L << 10, 224L << 10);
        await guest.UntilAsync($"[ $(awk '/MemTotal/{{print $4}}' /sys/devices/system/node/node0/meminfo) -gt {200 << 10} ]");
        Assert.True(await MemoryAsync(guest, 0) >= first);

        XElement live = XElement.Parse(await connection.Hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel));
        XElement dimm = live.Element("devices")!.Elements("memory").First();
        Assert.Equal("dimm0", (string?)dimm.Element("alias")!.Attribute("name"));
        Assert.Equal("0", (string?)dimm.Element("address")!.Attribute("slot"));
        Assert.StartsWith("0x", (string?)dimm.Element("address")!.Attribute("base"), StringComparison.Ordinal);
        Assert.Equal($"{640 << 10}", live.Element("memory")!.Value);
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task Threads_run_where_the_definition_says()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
            """
            <domain type='qemu'><name>pinned</name><memory unit='MiB'>32</memory><vcpu current='1'>2</vcpu><iothreads>1</iothreads>
            <cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='1' cpuset='1'/><emulatorpin cpuset='1'/><iothreadpin iothread='1' cpuset='0'/>
            <iothreadsched iothreads='1' scheduler='batch'/></cputune>
            <os><type machine='q35'>hvm</type></os><features><acpi/></features></domain>
            """, DefineOptions.None, Cancel);
        Assert.SkipUnless(Environment.ProcessorCount > 1, "the host has one processor: there is nothing to pin to");
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
        int process = Assert.Single(GuestProcesses.Below(daemon.Root));
        Assert.Equal("1", AllowedOf(process, process));
        Assert.Equal("0", AllowedOf(process, name => name.StartsWith("IO iothread1", StringComparison.Ordinal)));
        Assert.Equal("0", AllowedOf(process, name => name.StartsWith("CPU 0/", StringComparison.Ordinal)));
        await connection.Hypervisor.ChangeDomainAsync(domain.Uuid, new DomainChange(VCpu: 2), ChangeScope.Live, Cancel);
        Assert.Equal("1", AllowedOf(process, name => name.StartsWith("CPU 1/", StringComparison.Ordinal)));
        await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task Limits_without_a_delegated_group_are_an_error_that_says_so()
    {
        Assert.SkipWhen(Virt.Daemon.Drivers.Qemu.Resources.Groups.DelegatedGroup.Find() is not null, "a control group is delegated here");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
            """
            <domain type='qemu'><name>limited</name><memory unit='MiB'>32</memory><cputune><shares>2048</shares></cputune>
            <os><type machine='q35'>hvm</type></os></domain>
            """, DefineOptions.None, Cancel);
        VirtException fault = await Assert.ThrowsAsync<VirtException>(
            () => connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.ConfigurationUnsupported, fault.Code);
        Assert.Contains("no control group is delegated", fault.Message, StringComparison.Ordinal);
    }

    private static string AllowedOf(int process, Func<string, bool> isWanted) => AllowedOf(process, int.Parse(Path.GetFileName(Assert.Single(
        Directory.EnumerateDirectories($"/proc/{process}/task"), task => isWanted(File.ReadAllText($"{task}/comm").Trim()))), CultureInfo.InvariantCulture));

    private static string AllowedOf(int process, int thread) => File.ReadLines($"/proc/{process}/task/{thread}/status")
        .First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];

    private static async Task<long> MemoryAsync(LinuxGuest guest, int node) => long.Parse(
        await guest.ShellAsync($"awk '/MemTotal/{{print $4}}' /sys/devices/system/node/node{node}/meminfo"), CultureInfo.InvariantCulture);
}
