using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Tests.Daemon.Qemu.Definition;

public sealed class GuestDefinitionTests
{
    private const string Rng = "<rng model='virtio'><backend model='builtin'/></rng>";

    [Fact]
    public async Task Unknown_elements_survive_and_are_told_of()
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(
            "<flux capacity='1.21'><inner>text</inner></flux><x:thing xmlns:x='urn:x' a='b'/>",
            "<newelement attr='v'/><metadata><y:m xmlns:y='urn:y'/></metadata><perf><event name='cmt' enabled='yes'/></perf>"));
        XElement kept = XElement.Parse(guest.ToXml(live: false));
        Assert.Equal("text", (string?)kept.Element("devices")!.Element("flux")!.Element("inner"));
        Assert.NotNull(kept.Element("devices")!.Element(XName.Get("thing", "urn:x")));
        Assert.NotNull(kept.Element("newelement"));
        Assert.NotNull(kept.Element("metadata")!.Element(XName.Get("m", "urn:y")));
        Assert.Equal(3, guest.Warnings.Count);
        Assert.Contains(guest.Warnings, warning => warning.StartsWith("line 6: <perf>", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_guest_has_without_being_told_is_written_back()
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain("<interface type='user'/><console type='pty'/><graphics type='vnc'/>"));
        XElement domain = XElement.Parse(guest.ToXml(live: false));
        XElement devices = domain.Element("devices")!;
        Assert.Equal("pc-q35-7.2", ((string?)domain.Element("os")!.Element("type")!.Attribute("machine"))![..^3] + "7.2");
        Assert.Equal("x86_64", (string?)domain.Element("os")!.Element("type")!.Attribute("arch"));
        Assert.StartsWith("52:54:00:", (string?)devices.Element("interface")!.Element("mac")!.Attribute("address"), StringComparison.Ordinal);
        Assert.Equal("rtl8139", (string?)devices.Element("interface")!.Element("model")!.Attribute("type"));
        Assert.Equal("serial", (string?)devices.Element("console")!.Element("target")!.Attribute("type"));
        Assert.NotNull(devices.Element("serial"));
        Assert.Equal(2, devices.Elements("input").Count());
        Assert.Equal("virtio", (string?)devices.Element("memballoon")!.Attribute("model"));
        Assert.NotNull(devices.Element("video"));
        Assert.StartsWith("/", (string?)devices.Element("emulator"), StringComparison.Ordinal);
        Assert.Equal("qemu64", (string?)domain.Element("cpu")!.Element("model"));
        Assert.Equal("hd", (string?)domain.Element("os")!.Element("boot")!.Attribute("dev"));
    }

    [Fact]
    public async Task A_guest_without_graphics_has_no_video() =>
        Assert.DoesNotContain((await TestQemu.ParseAsync(TestQemu.Domain())).Devices, device => device is VideoDevice);

    [Fact]
    public async Task A_device_added_later_moves_no_other()
    {
        GuestDefinition before = await TestQemu.ParseAsync(TestQemu.Domain(Rng + "<interface type='user'/>"));
        string xml = before.ToXml(live: false);
        int at = xml.IndexOf("</emulator>", StringComparison.Ordinal) + "</emulator>".Length;
        GuestDefinition after = await TestQemu.ParseAsync(xml.Insert(at, Rng + "<interface type='user'><model type='e1000'/></interface>"));
        PciAddress[] places = [.. after.Devices.Select(device => device.PciAddress).OfType<PciAddress>()];
        foreach (PciAddress address in before.Devices.Select(device => device.PciAddress).OfType<PciAddress>())
            Assert.Contains(places, place => (place.Bus, place.Slot, place.Function) == (address.Bus, address.Slot, address.Function));
        Assert.Equal(places.Length, places.Select(place => place.Place).Distinct().Count());
        PciAddress net = before.Devices.OfType<InterfaceDevice>().Single().PciAddress!;
        Assert.Contains(after.Devices.OfType<InterfaceDevice>(), device => device.PciAddress == net);
    }

    [Fact]
    public async Task Two_devices_at_one_place_are_refused_with_both_lines()
    {
        const string Placed = "<rng model='virtio'><backend model='builtin'/><address type='pci' bus='0' slot='9'/></rng>";
        var fault = await Assert.ThrowsAsync<Virt.Errors.VirtException>(() => TestQemu.ParseAsync(TestQemu.Domain(Placed + "\n" + Placed)));
        Assert.Contains("line 9: <address>: the PCI address 0000:00:09.0 is taken by the <rng> at line 8", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_q35_devices_are_behind_root_ports_and_two_stay_free()
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(Rng + Rng));
        PciController[] ports = [.. guest.Devices.OfType<PciController>().Where(controller => controller.Model.Name == "pcie-root-port")];
        Assert.All(guest.Devices.OfType<RngDevice>(), rng => Assert.Contains(ports, port => port.Index == rng.PciAddress!.Bus));
        Assert.Equal(2, ports.Count(port => !guest.Devices.Any(device => device.PciAddress?.Bus == port.Index)));
    }

    [Fact]
    public async Task Conventional_cards_are_behind_a_bridge_on_q35()
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain("<interface type='user'><model type='rtl8139'/></interface>"));
        int bus = guest.Devices.OfType<InterfaceDevice>().Single().PciAddress!.Bus;
        Assert.Equal("pcie-to-pci-bridge", guest.Devices.OfType<PciController>().Single(controller => controller.Index == bus).Model.Name);
    }

    [Fact]
    public async Task The_live_xml_of_libvirt_is_taken_as_a_definition()
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(
            """
            <disk type='file' device='disk'><source file='/a' index='1'/><target dev='vda' bus='virtio'/><alias name='virtio-disk0'/></disk>
            <serial type='pty'><source path='/dev/pts/7'/><target port='0'/><alias name='serial0'/></serial>
            <console type='pty' tty='/dev/pts/7'><source path='/dev/pts/7'/><target type='serial' port='0'/><alias name='serial0'/></console>
            <channel type='unix'><source mode='bind' path='/var/lib/libvirt/qemu/channel/target/domain-1-x/org.qemu.guest_agent.0'/><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/><alias name='channel0'/></channel>
            <graphics type='vnc' port='5900' autoport='yes' listen='127.0.0.1'/>
            """).Replace("<domain ", "<domain id='7' ", StringComparison.Ordinal));
        string xml = guest.ToXml(live: false);
        foreach (string live in (string[])["alias", "/dev/pts", "/var/lib/libvirt", "5900", "id=\"7\"", "state=", "index=\"1\"/>"])
            Assert.DoesNotContain(live, xml.Replace("controller type=\"pci\" index", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passwords_are_shown_only_to_those_who_may()
    {
        GuestDefinition guest = await TestQemu.ParseAsync(Corpus.Read("graphics-vnc-password"));
        Assert.DoesNotContain("s,e=cret", guest.ToXml(live: false), StringComparison.Ordinal);
        Assert.DoesNotContain("s,e=cret", guest.ToXml(live: true), StringComparison.Ordinal);
        Assert.Contains("s,e=cret", guest.ToXml(live: true, secure: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q35", "<devices/>")]
    [InlineData("pc", "<devices/>")]
    public async Task A_definition_without_devices_is_one(string machine, string devices)
    {
        string xml = $"<domain type='qemu'><name>a</name><memory>65536</memory><os><type machine='{machine}'>hvm</type></os>{devices}</domain>";
        GuestDefinition guest = GuestDefinition.Parse(DomainDefinition.Parse(xml), await TestQemu.GetAsync());
        Assert.Equal(Accelerator.Tcg, guest.Accelerator);
        Assert.False(guest.HasAcpi);
    }
}
