using System.Xml.Linq;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Guests on the host's network: real tap interfaces, bridges and macvtap in a network namespace of the test.</summary>
public sealed class NetworkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_on_a_bridge_reaches_the_host_with_its_queues_and_mtu_and_its_tap_goes_with_it()
    {
        await using NetworkNamespace space = await NetworkNamespace.CreateAsync();
        await space.IpAsync("link", "add", "br0", "type", "bridge");
        await space.IpAsync("addr", "add", "10.77.0.1/24", "dev", "br0");
        await space.IpAsync("link", "set", "br0", "up");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(prefix: space.Prefix);
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "bridged", """
            <controller type='pci' index='0' model='pcie-root'/>
            <controller type='pci' index='1' model='pcie-root-port'/>
            <controller type='pci' index='2' model='pcie-to-pci-bridge'/>
            <controller type='pci' index='3' model='pcie-root-port'>
              <address type='pci' bus='0' slot='9' function='0'/>
            </controller>
            <interface type='bridge'>
              <mac address='52:54:00:77:00:02'/>
              <source bridge='br0'/>
              <model type='virtio'/>
              <driver queues='3'/>
              <mtu size='1400'/>
              <port isolated='yes'/>
              <address type='pci' bus='3' slot='0' function='0'/>
            </interface>
            """, xml => xml.Replace("<vcpu>1<", "<vcpu>3<", StringComparison.Ordinal));
        await guest.BootAsync();

        Assert.Equal("3", await guest.ShellAsync("ls -d /sys/class/net/eth0/queues/rx-* | wc -l"));
        Assert.Equal("1400", await guest.ShellAsync("cat /sys/class/net/eth0/mtu"));
        string place = await guest.ShellAsync("readlink -f /sys/class/net/eth0/device");
        Assert.Contains("/0000:00:09.0/", place, StringComparison.Ordinal);
        await guest.ShellAsync("ip addr add 10.77.0.2/24 dev eth0; ip link set eth0 up");
        await guest.UntilAsync("ping -c 1 -W 1 10.77.0.1 > /dev/null");

        XElement live = XElement.Parse(await connection.Hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel));
        string tap = (string)live.Descendants("interface").Single().Element("target")!.Attribute("dev")!;
        Assert.StartsWith("vnet", tap, StringComparison.Ordinal);
        string link = await space.IpAsync("-d", "link", "show", "dev", tap);
        Assert.Contains("mtu 1400", link, StringComparison.Ordinal);
        Assert.Contains("master br0", link, StringComparison.Ordinal);
        Assert.Contains("fe:54:00:77:00:02", link, StringComparison.Ordinal);
        Assert.Contains("isolated on", link, StringComparison.Ordinal);

        await daemon.KillAsync();
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        await again.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.DoesNotContain(tap, await space.IpAsync("-o", "link"), StringComparison.Ordinal);
        XElement kept = XElement.Parse(await again.Hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.Inactive, Cancel));
        Assert.Null(kept.Descendants("interface").Single().Element("target"));
    }

    [Fact]
    public async Task A_guest_on_a_virtual_network_is_on_its_bridge_and_its_definition_stays()
    {
        await using NetworkNamespace space = await NetworkNamespace.CreateAsync();
        await space.IpAsync("link", "add", "lab0", "type", "bridge");
        await space.IpAsync("link", "set", "lab0", "up");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(prefix: space.Prefix);
        string networks = Path.Combine(daemon.Root, "etc/virt/networks");
        Directory.CreateDirectory(networks);
        await File.WriteAllTextAsync(Path.Combine(networks, "lab.xml"), "<network><name>lab</name><bridge name='lab0'/><portgroup name='v'><vlan><tag id='4'/></vlan></portgroup></network>", Cancel);
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
            """
            <domain type='qemu'><name>n</name><memory unit='MiB'>32</memory><os><type machine='q35'>hvm</type></os>
            <devices><interface type='network'><source network='lab'/><model type='virtio'/></interface></devices></domain>
            """, DefineOptions.None, Cancel);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.Paused, Cancel);

        XElement live = XElement.Parse(await connection.Hypervisor.GetDomainXmlAsync(domain.Uuid, XmlOptions.None, Cancel)).Descendants("interface").Single();
        Assert.Equal("lab0", (string?)live.Element("source")!.Attribute("bridge"));
        string tap = (string)live.Element("target")!.Attribute("dev")!;
        Assert.Contains("master lab0", await space.IpAsync("-d", "link", "show", "dev", tap), StringComparison.Ordinal);
        DeviceChange added = await connection.Hypervisor.AttachDeviceAsync(
            domain.Uuid, "<interface type='network'><source network='lab'/><model type='virtio'/></interface>", ChangeScope.Live, Cancel);
        string second = (string)XElement.Parse(added.Xml).Element("target")!.Attribute("dev")!;
        Assert.Contains("master lab0", await space.IpAsync("-d", "link", "show", "dev", second), StringComparison.Ordinal);
        VirtException group = await Assert.ThrowsAnyAsync<VirtException>(async () => await connection.Hypervisor.AttachDeviceAsync(
            domain.Uuid, "<interface type='network'><source network='lab' portgroup='v'/><model type='virtio'/></interface>", ChangeScope.Live, Cancel));
        Assert.Contains("<vlan>", group.Message, StringComparison.Ordinal);

        await daemon.KillAsync();
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        await again.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
        Assert.DoesNotContain("vnet", await space.IpAsync("-o", "link"), StringComparison.Ordinal);
        XElement kept = XElement.Parse(await again.Hypervisor.GetDomainXmlAsync(domain.Uuid, XmlOptions.Inactive, Cancel));
        Assert.Equal("<source network=\"lab\" />", kept.Descendants("interface").Single().Element("source")!.ToString());
    }

    [Fact]
    public async Task Ethernet_has_its_script_run_its_addresses_set_and_what_it_receives_limited()
    {
        await using NetworkNamespace space = await NetworkNamespace.CreateAsync();
        using var folder = new TestFolder();
        string script = Script(folder, "up"), down = Script(folder, "down");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(
            config: $$"""{ "qemu": { "interfaceScripts": ["{{script}}", "{{down}}"] } }""", prefix: space.Prefix);
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await DefineAsync(connection, $"""
            <interface type='ethernet'>
              <source><ip address='10.78.0.1' family='ipv4' prefix='24'/><route address='10.79.0.0' prefix='16' gateway='10.78.0.9'/></source>
              <script path='{script}'/><downscript path='{down}'/>
              <target dev='guest0'/><model type='e1000'/>
              <bandwidth><inbound average='1000' peak='2000' burst='64'/></bandwidth>
            </interface>
            """);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.Paused, Cancel);

        Assert.Equal("guest0\n", await File.ReadAllTextAsync(script + ".said", Cancel));
        Assert.Contains("10.78.0.1/24", await space.IpAsync("-o", "addr", "show", "dev", "guest0"), StringComparison.Ordinal);
        Assert.Contains("via 10.78.0.9", await space.IpAsync("route", "show", "10.79.0.0/16"), StringComparison.Ordinal);
        Assert.Contains("rate 8Mbit ceil 16Mbit", await space.RunAsync("tc", "class", "show", "dev", "guest0"), StringComparison.Ordinal);

        await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal("guest0\n", await File.ReadAllTextAsync(down + ".said", Cancel));
        Assert.DoesNotContain("guest0", await space.IpAsync("-o", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Direct_makes_a_macvtap_and_gives_the_interface_below_its_address_back()
    {
        await using NetworkNamespace space = await NetworkNamespace.CreateAsync();
        await space.IpAsync("link", "add", "low0", "address", "52:54:00:aa:aa:01", "type", "veth", "peer", "name", "low1");
        await space.IpAsync("link", "set", "low0", "up");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(prefix: space.Prefix);
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await DefineAsync(connection, """
            <interface type='direct'>
              <mac address='52:54:00:77:00:03'/><source dev='low0' mode='passthrough'/><model type='virtio'/><driver queues='2'/>
            </interface>
            """);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.Paused, Cancel);
        string links = await space.IpAsync("-o", "-d", "link");
        Assert.Contains("macvtap mode passthru", links, StringComparison.Ordinal);
        Assert.Contains("52:54:00:77:00:03", await space.IpAsync("link", "show", "dev", "low0"), StringComparison.Ordinal);

        await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
        Assert.DoesNotContain("macvtap", await space.IpAsync("-o", "link"), StringComparison.Ordinal);
        Assert.Contains("52:54:00:aa:aa:01", await space.IpAsync("link", "show", "dev", "low0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_host_has_not_is_said_and_nothing_is_left_behind()
    {
        await using NetworkNamespace space = await NetworkNamespace.CreateAsync();
        await space.IpAsync("link", "add", "taken0", "type", "veth", "peer", "name", "taken1");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(prefix: space.Prefix);
        await using VirtConnection connection = await daemon.ConnectAsync();
        string before = await space.IpAsync("-br", "link");
        (string Interface, string Message)[] cases =
        [
            ("<interface type='bridge'><source bridge='br9'/></interface>", "no network interface 'br9'"),
            ("<interface type='bridge'><source bridge='taken0'/></interface>", "'taken0' is no bridge"),
            ("<interface type='ethernet'><target dev='taken1'/></interface>", "has a network interface 'taken1' already"),
            ("<interface type='ethernet'><target dev='none0' managed='no'/></interface>", "no network interface 'none0'"),
            ("<interface type='direct'><source dev='none1'/></interface>", "no network interface 'none1'"),
            ("<interface type='bridge'><source bridge='br9'/><filterref filter='clean-traffic'/></interface>", "'clean-traffic' cannot be applied"),
            ("<interface type='network'><source network='default'/></interface>", "there is no network 'default'"),
        ];
        foreach ((string card, string message) in cases)
        {
            DomainRecord domain = await DefineAsync(connection, card);
            VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(
                () => connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel).AsTask());
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
            Assert.Equal(card.Contains("'network'", StringComparison.Ordinal), refused.Code == VirtErrorCode.NoNetwork);
        }

        Assert.Equal(before, await space.IpAsync("-br", "link"));
    }

    private static string Script(TestFolder folder, string name)
    {
        string path = folder.File(name);
        File.WriteAllText(path, "#!/bin/sh\necho \"$1\" > \"$0.said\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static ValueTask<DomainRecord> DefineAsync(VirtConnection connection, string devices) => connection.Hypervisor.DefineDomainAsync(
        $"""
        <domain type='qemu'><name>net</name><uuid>c0ffee00-0000-4000-8000-00000000beef</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='q35'>hvm</type></os><devices><memballoon model='none'/>{devices}</devices></domain>
        """,
        DefineOptions.None, Cancel);
}
