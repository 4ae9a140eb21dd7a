using System.Diagnostics;
using System.Xml.Linq;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Devices that come and go while a real guest runs, seen from inside it.</summary>
public sealed class HotplugTests
{
    private const string Controllers = """
        <controller type='scsi' index='0' model='virtio-scsi'/>
        <controller type='pci' model='pcie-root'/>
        <controller type='pci' index='1' model='pcie-root-port'/><controller type='pci' index='2' model='pcie-root-port'/>
        <controller type='pci' index='3' model='pcie-root-port'/><controller type='pci' index='4' model='pcie-root-port'/>
        <controller type='usb' model='none'/><memballoon model='none'/>
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Disks_and_cards_come_and_go_inside_the_guest()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "hot1", Controllers);
        string image = await ImageAsync(daemon, "plug.qcow2", "64M");
        await guest.BootAsync();

        DeviceChange disk = await AttachAsync(guest, Disk("vdb", "virtio", image));
        Assert.NotNull(XElement.Parse(disk.Xml).Element("alias"));
        Assert.Equal("pci", XElement.Parse(disk.Xml).Element("address")?.Attribute("type")?.Value);
        await guest.UntilAsync("[ -e /sys/block/vda ]");
        Assert.Equal("131072", await guest.ShellAsync("cat /sys/block/vda/size"));

        await guest.Hypervisor.ResizeDiskAsync(guest.Uuid, "vdb", 96L << 20, Cancel);
        await guest.UntilAsync("[ $(cat /sys/block/vda/size) = 196608 ]");

        await DetachAsync(guest, "<disk><target dev='vdb'/></disk>");
        await guest.UntilAsync("[ ! -e /sys/block/vda ]");

        await AttachAsync(guest, Disk("sda", "scsi", image));
        await guest.UntilAsync("[ -e /sys/block/sda ]");
        await DetachAsync(guest, "<disk><target dev='sda'/></disk>");
        await guest.UntilAsync("[ ! -e /sys/block/sda ]");

        await AttachAsync(guest, "<interface type='user'><mac address='52:54:00:00:00:77'/><model type='virtio'/></interface>");
        await guest.UntilAsync("grep -q 52:54:00:00:00:77 /sys/class/net/*/address");
        await guest.UntilAsync("[ $(cat /sys/class/net/eth0/carrier) = 1 ]");
        await UpdateAsync(guest, "<interface type='user'><mac address='52:54:00:00:00:77'/><model type='virtio'/><link state='down'/></interface>");
        await guest.UntilAsync("[ $(cat /sys/class/net/eth0/carrier) = 0 ]");
        await DetachAsync(guest, "<interface type='user'><mac address='52:54:00:00:00:77'/></interface>");
        await guest.UntilAsync("[ ! -e /sys/class/net/eth0 ]");

        await guest.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_medium_is_changed_and_ejected()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string first = await ImageAsync(daemon, "first.raw", "1M", "raw");
        string second = await ImageAsync(daemon, "second.raw", "2M", "raw");
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "hot2", Controllers + Cdrom(first));
        await guest.BootAsync();
        await guest.UntilAsync("[ -e /sys/block/sr0 ]");
        Assert.Equal("1048576", await guest.ShellAsync("wc -c </dev/sr0"));

        await UpdateAsync(guest, Cdrom(second));
        Assert.Equal("2097152", await guest.ShellAsync("wc -c </dev/sr0"));
        DeviceChange ejected = await UpdateAsync(guest, Cdrom(null));

        Assert.Null(XElement.Parse(ejected.Xml).Element("source"));
        Assert.Equal("no", await guest.ShellAsync("(wc -c </dev/sr0) 2>/dev/null || echo no"));
        VirtException missing = await FailsAsync(VirtErrorCode.SystemError, () => UpdateAsync(guest, Cdrom("/nowhere.iso")));
        Assert.Contains("/nowhere.iso", missing.Message, StringComparison.Ordinal);
        await UpdateAsync(guest, Cdrom(first));
        Assert.Equal("1048576", await guest.ShellAsync("wc -c </dev/sr0"));
        await guest.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task Memory_comes_and_goes_inside_the_guest()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "hot5", Controllers,
            xml => xml.Replace("<memory unit='MiB'>128</memory>", "<maxMemory slots='4' unit='MiB'>1024</maxMemory><memory unit='MiB'>128</memory>", StringComparison.Ordinal)
                .Replace("<devices>", "<cpu><numa><cell id='0' cpus='0' memory='128' unit='MiB'/></numa></cpu><devices>", StringComparison.Ordinal)
                .Replace("no_timer_check", "no_timer_check swiotlb=1024 movable_node", StringComparison.Ordinal));
        await guest.BootAsync();
        const string Blocks = "ls -d /sys/devices/system/memory/memory[0-9]* | wc -l";
        string before = await guest.ShellAsync(Blocks);

        DeviceChange plugged = await AttachAsync(
            guest, "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>");
        Assert.Equal(384L << 20, plugged.Domain.MaximumMemory);
        await guest.UntilAsync($"[ $({Blocks}) -gt {before} ]");
        await guest.UntilAsync("[ $(grep MemTotal /proc/meminfo | tr -dc 0-9) -gt 262144 ]");
        DeviceChange gone = await DetachAsync(guest, plugged.Xml);

        Assert.Equal(128L << 20, gone.Domain.MaximumMemory);
        await guest.UntilAsync($"[ $({Blocks}) = {before} ]");
        await guest.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task Processors_are_taken_out_of_the_guest_again()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "hot3", Controllers,
            xml => xml.Replace("<vcpu>1<", "<vcpu current='1'>3<", StringComparison.Ordinal)
                .Replace("no_timer_check", "no_timer_check lpj=16000000", StringComparison.Ordinal));
        await guest.BootAsync();

        await guest.Hypervisor.ChangeDomainAsync(guest.Uuid, new DomainChange(VCpu: 3), ChangeScope.Live, Cancel);
        await guest.UntilAsync("[ $(grep -c ^processor /proc/cpuinfo) = 3 ]");
        DomainRecord after = await guest.Hypervisor.ChangeDomainAsync(guest.Uuid, new DomainChange(VCpu: 1), ChangeScope.Live, Cancel);

        Assert.Equal(1, after.VCpu);
        await guest.UntilAsync("[ $(grep -c ^processor /proc/cpuinfo) = 1 ]");
        await guest.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_daemon_that_was_killed_between_attach_and_detach_knows_the_device()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        LinuxGuest guest;
        string image = await ImageAsync(daemon, "plug.qcow2", "64M");
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "hot4", Controllers);
            await guest.BootAsync();
            await AttachAsync(guest, Disk("vdb", "virtio", image));
            await AttachAsync(guest, Disk("vdc", "virtio", await ImageAsync(daemon, "other.qcow2", "32M")));
            await guest.UntilAsync("[ -e /sys/block/vdb ]");
            await DetachAsync(guest, "<disk><target dev='vdb'/></disk>");
            await daemon.KillAsync();
        }

        await using (guest)
        {
            await daemon.StartAgainAsync();
            await using VirtConnection again = await daemon.ConnectAsync();
            guest.Hypervisor = again.Hypervisor;
            DeviceChange gone = await DetachAsync(guest, "<disk><target dev='vdc'/></disk>");
            Assert.Contains("virtio-disk2", gone.Xml, StringComparison.Ordinal);
            await guest.UntilAsync("[ ! -e /sys/block/vda ] && [ ! -e /sys/block/vdb ]");
            await AttachAsync(guest, Disk("vdc", "virtio", image));
            await guest.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        }
    }

    private static string Disk(string target, string bus, string image) =>
        $"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{image}'/><target dev='{target}' bus='{bus}'/></disk>";

    private static string Cdrom(string? image) =>
        $"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>{(image is null ? "" : $"<source file='{image}'/>")}<target dev='sda' bus='scsi'/></disk>";

    private static async Task<string> ImageAsync(VirtdProcess daemon, string name, string size, string format = "qcow2")
    {
        string path = Path.Combine(daemon.Root, name);
        (int exit, _, string error) = await VirtdProcess.RunAsync(new ProcessStartInfo("qemu-img", ["create", "-q", "-f", format, path, size])
        {
            RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
        });
        Assert.True(exit == 0, error);
        return path;
    }

    private static Task<DeviceChange> AttachAsync(LinuxGuest guest, string xml) =>
        guest.Hypervisor.AttachDeviceAsync(guest.Uuid, xml, ChangeScope.Live, Cancel).AsTask();

    private static Task<DeviceChange> DetachAsync(LinuxGuest guest, string xml) =>
        guest.Hypervisor.DetachDeviceAsync(guest.Uuid, xml, ChangeScope.Live, Patience, Cancel).AsTask();

    private static Task<DeviceChange> UpdateAsync(LinuxGuest guest, string xml) =>
        guest.Hypervisor.UpdateDeviceAsync(guest.Uuid, xml, ChangeScope.Live, Cancel).AsTask();

    private static async Task<VirtException> FailsAsync(VirtErrorCode code, Func<Task> call)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(call);
        Assert.Equal(code, error.Code);
        return error;
    }
}
