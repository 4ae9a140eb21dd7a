using System.Text.Json;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Errors;
using static Virt.Tests.Daemon.Qemu.Run.HotplugGuest;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>Devices of real QEMU processes whose guests are only firmware: they never answer, and a paused one takes what is plugged.</summary>
public sealed class HotplugTests
{
    [Theory]
    [InlineData("<disk type='file' device='disk'><driver type='raw'/><source file='/nowhere.img'/><target dev='vdb' bus='virtio'/></disk>", VirtErrorCode.SystemError)]
    [InlineData("<disk type='file' device='disk'><driver type='qcow2'/><source file='IMAGE'/><target dev='vdb' bus='virtio'/></disk>", VirtErrorCode.OperationDenied)]
    [InlineData("<disk type='file' device='disk'><driver type='qcow2'/><source file='/dev/null'/><target dev='vdb' bus='virtio'/></disk>", VirtErrorCode.InternalError)]
    [InlineData("<disk type='file' device='disk'><source file='IMAGE'/><target dev='sda' bus='scsi'/></disk>", VirtErrorCode.OperationInvalid)]
    [InlineData("<disk type='file' device='disk'><source file='IMAGE'/><target dev='sdz' bus='sata'/></disk>", VirtErrorCode.OperationUnsupported)]
    [InlineData("<interface type='user'><model type='virtio'/><address type='pci' bus='1' slot='0'/></interface>", VirtErrorCode.XmlError)]
    [InlineData("<interface type='user'><model type='e1000'/></interface>", VirtErrorCode.OperationUnsupported)]
    [InlineData("<video><model type='vga'/></video>", VirtErrorCode.OperationUnsupported)]
    public async Task An_attach_that_fails_leaves_no_trace(string xml, VirtErrorCode code)
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        string live = await LiveAsync(fixture, domain), monitor = await SeenAsync(fixture, domain);

        VirtException error = await FailsAsync(
            code, () => fixture.Driver.AttachDeviceAsync(domain.Uuid, xml.Replace("IMAGE", Image(fixture), StringComparison.Ordinal), ChangeScope.Both, Cancel).AsTask());

        Assert.NotEmpty(error.Message);
        Assert.Equal(live, await LiveAsync(fixture, domain));
        Assert.Equal(monitor, await SeenAsync(fixture, domain));
        Assert.DoesNotContain("vdb", await fixture.Driver.GetDomainXmlAsync(domain.Uuid, XmlOptions.Inactive, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_without_a_free_port_says_what_to_do()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        await AttachAsync(fixture, domain, Nic(1));

        VirtException error = await FailsAsync(VirtErrorCode.OperationUnsupported, () => AttachAsync(fixture, domain, Nic(2)));

        Assert.Contains("pcie-root-port", error.RecommendedAction, StringComparison.Ordinal);
        await fixture.Driver.AttachDeviceAsync(
            domain.Uuid, "<controller type='pci' model='pcie-root-port'/>", ChangeScope.Config, Cancel);
    }

    [Fact]
    public async Task A_guest_that_does_not_answer_keeps_the_device_until_it_does()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        DeviceChange attached = await AttachAsync(fixture, domain, Nic(1));

        await FailsAsync(VirtErrorCode.OperationTimeout, () => fixture.Driver.DetachDeviceAsync(
            domain.Uuid, attached.Xml, ChangeScope.Live, TimeSpan.FromMilliseconds(100), Cancel).AsTask());
        Assert.Contains("52:54:00:00:00:01", await LiveAsync(fixture, domain), StringComparison.Ordinal);

        // A reset does what the guest was asked for.
        Task<DeviceChange> detaching = fixture.Driver.DetachDeviceAsync(
            domain.Uuid, attached.Xml, ChangeScope.Live, Patience, Cancel).AsTask();
        await ResetUntilAsync(fixture, domain, detaching);
        Assert.DoesNotContain("52:54:00:00:00:01", await LiveAsync(fixture, domain), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_went_while_the_daemon_was_away_is_cleaned_up()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        DeviceChange attached = await AttachAsync(fixture, domain, Nic(1));
        string before = await SeenAsync(fixture, domain);
        await FailsAsync(VirtErrorCode.OperationTimeout, () => fixture.Driver.DetachDeviceAsync(
            domain.Uuid, attached.Xml, ChangeScope.Live, TimeSpan.Zero, Cancel).AsTask());

        await fixture.RestartAsync(() => ResetAsync(fixture, domain).GetAwaiter().GetResult());

        Assert.DoesNotContain("52:54:00:00:00:01", await LiveAsync(fixture, domain), StringComparison.Ordinal);
        Assert.NotEqual(before, await SeenAsync(fixture, domain));
        await AttachAsync(fixture, domain, Nic(1));
    }

    [Fact]
    public async Task Twenty_rounds_of_attach_and_detach_leak_nothing()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        string live = await LiveAsync(fixture, domain), monitor = await SeenAsync(fixture, domain);
        string extra = Image(fixture, "extra.img");

        for (int round = 0; round < 20; round++)
        {
            await AttachAsync(fixture, domain, $"<disk type='file' device='disk'><source file='{extra}'/><target dev='sdc' bus='scsi'/></disk>");
            await fixture.Driver.DetachDeviceAsync(
                domain.Uuid, "<disk><target dev='sdc'/></disk>", ChangeScope.Live, Patience, Cancel);
        }

        Assert.Equal(live, await LiveAsync(fixture, domain));
        Assert.Equal(monitor, await SeenAsync(fixture, domain));
    }

    [Fact]
    public async Task Limits_passwords_and_what_is_fixed_are_told_apart()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        string image = Image(fixture);
        DomainRecord domain = await StartAsync(fixture, image, "<graphics type='vnc' passwd='old'/>");
        string disk = $"<disk type='file' device='disk'><source file='{image}'/><target dev='sda' bus='scsi'/>MORE</disk>";

        await UpdateAsync(fixture, domain, disk.Replace("MORE", "<iotune><total_iops_sec>50</total_iops_sec></iotune>", StringComparison.Ordinal));
        Assert.Contains("\"iops\":50", (await ExecuteAsync(fixture, domain, "query-block")).GetRawText().Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        await UpdateAsync(fixture, domain, disk.Replace("MORE", "", StringComparison.Ordinal));
        Assert.DoesNotContain("\"iops\":50", (await ExecuteAsync(fixture, domain, "query-block")).GetRawText().Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        VirtException fixedPart = await FailsAsync(
            VirtErrorCode.OperationUnsupported,
            () => UpdateAsync(fixture, domain, disk.Replace("MORE", "<driver name='qemu' type='raw' cache='none'/><boot order='1'/>", StringComparison.Ordinal)));
        Assert.Contains("driver cache", fixedPart.Message, StringComparison.Ordinal);
        Assert.Contains("boot order", fixedPart.Message, StringComparison.Ordinal);
        DeviceChange waiting = await fixture.Driver.UpdateDeviceAsync(
            domain.Uuid, disk.Replace("MORE", "<driver name='qemu' type='raw' cache='none'/>", StringComparison.Ordinal), ChangeScope.Config, Cancel);
        Assert.Contains("driver cache", string.Join(' ', waiting.Notes), StringComparison.Ordinal);

        DeviceChange password = await UpdateAsync(fixture, domain, "<graphics type='vnc' passwd='new'/>");
        Assert.DoesNotContain("new", password.Xml, StringComparison.Ordinal);
        Assert.Contains("passwd=\"new\"", await fixture.Driver.GetDomainXmlAsync(domain.Uuid, XmlOptions.Secure, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_with_a_tap_has_it_only_while_it_is_plugged()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun"), "taps need root and /dev/net/tun");
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        const string Card = "<interface type='ethernet'><mac address='52:54:00:00:00:08'/><model type='virtio'/><bandwidth>RATE</bandwidth></interface>";

        DeviceChange attached = await AttachAsync(
            fixture, domain, Card.Replace("<bandwidth>RATE</bandwidth>", "", StringComparison.Ordinal));
        string tap = XElement.Parse(attached.Xml).Element("target")!.Attribute("dev")!.Value;
        Assert.True(Directory.Exists("/sys/class/net/" + tap));
        DeviceChange changed = await UpdateAsync(
            fixture, domain, Card.Replace("RATE", "<inbound average='2000'/>", StringComparison.Ordinal));
        Assert.NotNull(XElement.Parse(changed.Xml).Element("bandwidth")?.Element("inbound"));
        Assert.Equal(tap, XElement.Parse(changed.Xml).Element("target")?.Attribute("dev")?.Value);
        Task<DeviceChange> detaching = fixture.Driver.DetachDeviceAsync(
            domain.Uuid, attached.Xml, ChangeScope.Live, Patience, Cancel).AsTask();
        await ResetUntilAsync(fixture, domain, detaching);

        Assert.False(Directory.Exists("/sys/class/net/" + tap));
    }

    [Theory]
    [InlineData("<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>")]
    [InlineData("<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface>")]
    [InlineData("<disk type='file' device='disk'><source file='IMAGE'/><target dev='vdb' bus='virtio'/></disk>")]
    [InlineData("<channel type='pty'><target type='virtio' name='org.example.0'/></channel>")]
    [InlineData("<watchdog model='i6300esb' action='none'><address type='pci' bus='2' slot='0'/></watchdog>")]
    [InlineData("<input type='keyboard' bus='virtio'/>")]
    public async Task Each_kind_is_plugged_with_all_its_parts_and_leaves_none(string xml)
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture), "<controller type='virtio-serial' index='0'><address type='pci' bus='0' slot='5'/></controller>");
        string live = await LiveAsync(fixture, domain), monitor = await SeenAsync(fixture, domain);

        DeviceChange attached = await AttachAsync(fixture, domain, xml.Replace("IMAGE", Image(fixture, "extra.img"), StringComparison.Ordinal));
        Assert.NotEqual(monitor, await SeenAsync(fixture, domain));
        Task<DeviceChange> detaching = fixture.Driver.DetachDeviceAsync(
            domain.Uuid, attached.Xml, ChangeScope.Live, Patience, Cancel).AsTask();
        await ResetUntilAsync(fixture, domain, detaching);

        Assert.Equal(live, await LiveAsync(fixture, domain));
        Assert.Equal(monitor, await SeenAsync(fixture, domain));
    }

    [Fact]
    public async Task A_machine_without_pci_express_takes_devices_into_its_slots()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await fixture.StartAsync("guest", more: "<os><type machine='pc'>hvm</type></os><features><acpi/></features>");
        string monitor = await SeenAsync(fixture, domain);

        DeviceChange disk = await AttachAsync(
            fixture, domain, $"<disk type='file' device='disk'><source file='{Image(fixture)}'/><target dev='vda' bus='virtio'/></disk>");
        DeviceChange card = await AttachAsync(fixture, domain, "<interface type='user'><model type='e1000'/></interface>");
        Task<DeviceChange>[] detaching =
        [
            .. new[] { disk, card }.Select(device => fixture.Driver.DetachDeviceAsync(
                domain.Uuid, device.Xml, ChangeScope.Live, Patience, Cancel).AsTask()),
        ];
        await ResetUntilAsync(fixture, domain, Task.WhenAll(detaching));

        Assert.Equal(monitor, await SeenAsync(fixture, domain));
    }
}
