using System.Text.Json;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Errors;
using static Virt.Tests.Daemon.Qemu.Run.HotplugGuest;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>Devices as they are defined, listed and run, and changes of a domain as a whole.</summary>
public sealed class DeviceDefinitionTests
{
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
}
