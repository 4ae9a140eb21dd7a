using System.Text.Json;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>Devices of real QEMU processes whose guests are only firmware: they never answer, and a paused one takes what is plugged.</summary>
public sealed class HotplugTests
{
    private const string Ports = """
        <controller type='pci' model='pcie-root'/>
        <controller type='pci' index='1' model='pcie-root-port'/><controller type='pci' index='2' model='pcie-root-port'/>
        <controller type='scsi' index='0' model='virtio-scsi'><address type='pci' bus='1' slot='0'/></controller>
        <controller type='usb' model='none'/><memballoon model='none'/>
        """;

    private const string Q35 = "<os><type machine='q35'>hvm</type></os><features><acpi/></features>";

    // A device is gone when all of QEMU's threads have noticed, which a busy host delays.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancel => QemuFixture.Cancel;

    [Theory]
    [InlineData("<disk type='file' device='disk'><driver type='raw'/><source file='/nowhere.img'/><target dev='vdb' bus='virtio'/></disk>", VirtErrorCode.SystemError)]
    [InlineData("<disk type='file' device='disk'><driver type='qcow2'/><source file='IMAGE'/><target dev='vdb' bus='virtio'/></disk>", VirtErrorCode.InternalError)]
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

    /// <summary>Resets the machine, which lets go of what it was asked for, until it has; firmware that is just starting may miss a
    /// reset.</summary>
    private static async Task ResetUntilAsync(QemuFixture fixture, DomainRecord domain, Task detached)
    {
        do
            await fixture.Driver.ResetDomainAsync(domain.Uuid, Cancel);
        while (await Task.WhenAny(detached, Task.Delay(TimeSpan.FromSeconds(15), Cancel)) != detached);
        await detached;
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

    [Fact]
    public void Addresses_of_neighbours_are_read_from_the_kernels_table()
    {
        string[] table =
        [
            "IP address       HW type     Flags       HW address            Mask     Device",
            "192.168.122.7    0x1         0x2         52:54:00:aa:bb:01     *        virbr0",
            "192.168.122.8    0x1         0x0         00:00:00:00:00:00     *        virbr0",
            "nonsense", "",
        ];

        HostNeighbours neighbours = HostNeighbours.Parse(table, (_, device) => device == "virbr0" ? 24 : 32);

        Assert.Equal(["192.168.122.7/24"], neighbours.AddressesOf("52:54:00:AA:BB:01"));
        Assert.Empty(neighbours.AddressesOf("00:00:00:00:00:00"));
        Assert.Empty(neighbours.AddressesOf(null));
    }

    [Fact]
    public async Task The_definition_is_changed_with_addresses_and_without_the_guest()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await fixture.DefineAsync("guest", more: Q35);

        DeviceChange added = await fixture.Driver.AttachDeviceAsync(domain.Uuid, Nic(1), ChangeScope.Current, Cancel);
        await FailsAsync(VirtErrorCode.OperationInvalid, () => fixture.Driver.AttachDeviceAsync(domain.Uuid, Nic(2), ChangeScope.Live, Cancel).AsTask());
        DeviceChange removed = await fixture.Driver.DetachDeviceAsync(domain.Uuid, Nic(1), ChangeScope.Config, TimeSpan.Zero, Cancel);

        Assert.Equal((ChangeScope.Config, ChangeScope.Config), (added.Applied, removed.Applied));
        Assert.Equal("pci", XElement.Parse(added.Xml).Element("address")?.Attribute("type")?.Value);
        await FailsAsync(
            VirtErrorCode.DeviceMissing, () => fixture.Driver.DetachDeviceAsync(domain.Uuid, Nic(1), ChangeScope.Config, TimeSpan.Zero, Cancel).AsTask());
    }

    [Fact]
    public async Task Devices_are_listed_with_where_they_are_and_their_images()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        await AttachAsync(fixture, domain, Nic(1));
        await fixture.Driver.AttachDeviceAsync(domain.Uuid, Nic(2), ChangeScope.Config, Cancel);

        DomainDeviceList live = (await fixture.Driver.ListDomainDevicesAsync(
            new DomainFilter(), new DeviceQuery(["disk", "interface"], Details: true), Cancel)).Single();
        DomainDeviceList config = (await fixture.Driver.ListDomainDevicesAsync(
            new DomainFilter(), new DeviceQuery(["interface"], Inactive: true), Cancel)).Single();

        Assert.Equal(
            [("disk", ChangeScope.Both), ("interface", ChangeScope.Live)], live.Devices.Select(device => (device.Kind, device.Presence)));
        Assert.Equal(1L << 20, live.Devices[0].Image!.Capacity);
        Assert.Equal([ChangeScope.Config], config.Devices.Select(device => device.Presence));
    }

    [Fact]
    public async Task The_command_line_has_no_password_and_starts_nothing()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();

        LaunchCommand command = await fixture.Driver.GetLaunchCommandAsync(
            QemuFixture.Xml("shown", "<graphics type='vnc' passwd='secret1'/>", Q35), Cancel);

        Assert.EndsWith("qemu-system-x86_64", command.Executable, StringComparison.Ordinal);
        Assert.Contains("guest=shown,debug-threads=on", command.Arguments);
        Assert.Equal("C", command.Environment["LC_ALL"]);
        Assert.DoesNotContain(command.Arguments, argument => argument.Contains("secret1", StringComparison.Ordinal));
        Assert.Empty(await fixture.Driver.ListDomainsAsync(new DomainFilter(), Cancel));
    }

    [Fact]
    public async Task An_image_grows_while_the_domain_is_off_and_never_shrinks()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        string image = Image(fixture);
        DomainRecord domain = await fixture.DefineAsync("guest", DiskXml(image), Q35);

        await fixture.Driver.ResizeDiskAsync(domain.Uuid, "sda", 4L << 20, Cancel);

        Assert.Equal(4L << 20, new FileInfo(image).Length);
        await FailsAsync(VirtErrorCode.InvalidArgument, () => fixture.Driver.ResizeDiskAsync(domain.Uuid, "sda", 1L << 20, Cancel).AsTask());
        await FailsAsync(VirtErrorCode.DeviceMissing, () => fixture.Driver.ResizeDiskAsync(domain.Uuid, "sdx", 8L << 20, Cancel).AsTask());
    }

    [Fact]
    public async Task Every_general_change_is_made_live_and_in_the_definition()
    {
        await using QemuFixture fixture = await QemuFixture.StartRealAsync();
        DomainRecord domain = await StartAsync(fixture, Image(fixture));
        var change = new DomainChange(
            Title: "T", Description: "D", Autostart: true, OnPoweroff: LifecycleAction.Restart, OnReboot: LifecycleAction.Destroy,
            OnCrash: LifecycleAction.Preserve, Metadata: "<a:x xmlns:a='urn:a'/>");

        DomainRecord changed = await fixture.Driver.ChangeDomainAsync(domain.Uuid, change, ChangeScope.Both, Cancel);
        VirtException tooMuch = await FailsAsync(
            VirtErrorCode.InvalidArgument,
            () => fixture.Driver.ChangeDomainAsync(domain.Uuid, new DomainChange(Memory: 3L << 30), ChangeScope.Live, Cancel).AsTask());
        await FailsAsync(
            VirtErrorCode.OperationInvalid,
            () => fixture.Driver.ChangeDomainAsync(domain.Uuid, new DomainChange(BootOrder: ["cdrom"]), ChangeScope.Live, Cancel).AsTask());
        await fixture.Driver.ChangeDomainAsync(domain.Uuid, new DomainChange(BootOrder: ["cdrom"]), ChangeScope.Config, Cancel);

        Assert.Equal(("T", "D", true), (changed.Title, changed.Description, changed.Autostart));
        Assert.Contains("3 GiB", tooMuch.Message, StringComparison.Ordinal);
        foreach (XmlOptions options in (XmlOptions[])[XmlOptions.None, XmlOptions.Inactive])
        {
            XElement xml = XElement.Parse(await fixture.Driver.GetDomainXmlAsync(domain.Uuid, options, Cancel));
            Assert.Equal("restart,destroy,preserve", $"{xml.Element("on_poweroff")?.Value},{xml.Element("on_reboot")?.Value},{xml.Element("on_crash")?.Value}");
            Assert.Equal("{urn:a}x", xml.Element("metadata")!.Elements().Single().Name.ToString());
        }
    }

    private static string Nic(int number) => $"<interface type='user'><mac address='52:54:00:00:00:0{number}'/><model type='virtio'/></interface>";

    private static string DiskXml(string image) =>
        $"<disk type='file' device='disk'><source file='{image}'/><target dev='sda' bus='scsi'/></disk>{Ports}";

    private static string Image(QemuFixture fixture, string name = "disk.img")
    {
        string path = Path.Combine(fixture.Root, name);
        if (!File.Exists(path))
        {
            using FileStream file = File.Create(path);
            file.SetLength(1 << 20);
        }

        return path;
    }

    private static Task<DomainRecord> StartAsync(QemuFixture fixture, string image, string more = "") =>
        fixture.StartAsync("guest", devices: DiskXml(image) + more, more: Q35);

    private static Task<DeviceChange> AttachAsync(QemuFixture fixture, DomainRecord domain, string xml) =>
        fixture.Driver.AttachDeviceAsync(domain.Uuid, xml, ChangeScope.Live, Cancel).AsTask();

    private static Task<DeviceChange> UpdateAsync(QemuFixture fixture, DomainRecord domain, string xml) =>
        fixture.Driver.UpdateDeviceAsync(domain.Uuid, xml, ChangeScope.Live, Cancel).AsTask();

    private static Task<string> LiveAsync(QemuFixture fixture, DomainRecord domain) =>
        fixture.Driver.GetDomainXmlAsync(domain.Uuid, XmlOptions.None, Cancel).AsTask();

    private static async Task<JsonElement> ExecuteAsync(QemuFixture fixture, DomainRecord domain, QmpCommand command)
    {
        DomainSupervisor supervisor = fixture.Host.Services.Table.Get(domain.Uuid);
        return await supervisor.ExecuteAsync(supervisor.Run!, command);
    }

    /// <summary>What the monitor knows of devices and back ends.</summary>
    private static async Task<string> SeenAsync(QemuFixture fixture, DomainRecord domain)
    {
        QmpCommand[] queries =
        [
            new("query-named-block-nodes", arguments => arguments.WriteBoolean("flat", true)), new("query-chardev"), new("query-rx-filter"),
            new("qom-list", arguments => arguments.WriteString("path", "/machine/peripheral")),
            new("qom-list", arguments => arguments.WriteString("path", "/objects")),
        ];
        var seen = new List<string>();
        foreach (QmpCommand query in queries)
            seen.Add((await ExecuteAsync(fixture, domain, query)).GetRawText());
        return string.Join('\n', seen);
    }

    // Over a monitor of its own, while no daemon listens.
    private static async Task ResetAsync(QemuFixture fixture, DomainRecord domain)
    {
        string path = GuestRun.MonitorPathIn(fixture.Folders.RunOf(domain.Uuid));
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using QmpClient monitor = await QmpClient.OpenAsync(
            await Virt.Daemon.Drivers.Qemu.Process.UnixAddress.ConnectAsync(path, Cancel),
            happened =>
            {
                if (happened.Name == "DEVICE_DELETED" && happened.Text("device") is not null)
                    gone.TrySetResult();
            },
            Patience, Cancel);
        await monitor.ExecuteAsync("system_reset", Cancel);
        await gone.Task.WaitAsync(Patience, Cancel);
    }

    private static async Task<VirtException> FailsAsync(VirtErrorCode code, Func<Task> call)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(call);
        Assert.True(code == error.Code, $"{error.Code}: {error.Message}");
        return error;
    }
}
