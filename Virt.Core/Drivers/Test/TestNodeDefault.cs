using System.Globalization;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Drivers.Test;

/// <summary>The host behind <c>test:///default</c>.</summary>
internal static class TestNodeDefault
{
    private const string Xml = """
        <node xmlns:test="http://libvirt.org/schemas/domain/test/1.0">
          <domain type="test">
            <name>test</name>
            <uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
            <memory unit="KiB">8388608</memory>
            <currentMemory unit="KiB">2097152</currentMemory>
            <vcpu>2</vcpu>
            <os><type arch="x86_64">hvm</type><boot dev="hd"/></os>
            <features><acpi/></features>
            <devices>
              <disk type="file" device="disk"><source file="/guest/diskimage1"/><target dev="vda" bus="virtio"/></disk>
              <interface type="network"><mac address="aa:bb:cc:dd:ee:ff"/><source network="default"/><target dev="testnet0"/></interface>
            </devices>
          </domain>
          <domain type="test">
            <name>web1</name>
            <uuid>3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c01</uuid>
            <title>Web server, first of two</title>
            <memory unit="GiB">4</memory>
            <vcpu current="2">4</vcpu>
            <os><type arch="x86_64">hvm</type><boot dev="hd"/></os>
            <features><acpi/></features>
            <devices>
              <disk type="file" device="disk"><source file="/guest/web1.qcow2"/><target dev="vda" bus="virtio"/></disk>
              <disk type="file" device="cdrom"><target dev="sda" bus="sata"/><readonly/></disk>
              <interface type="network"><mac address="52:54:00:00:00:01"/><source network="default"/></interface>
              <serial type="pty"><target port="0"/></serial>
              <graphics type="vnc" port="-1" autoport="yes" passwd="sesame"/>
            </devices>
            <test:autostart/>
          </domain>
          <domain type="test">
            <name>web2</name>
            <uuid>3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c02</uuid>
            <title>Web server, second of two</title>
            <memory unit="GiB">4</memory>
            <vcpu current="2">4</vcpu>
            <os><type arch="x86_64">hvm</type><boot dev="hd"/></os>
            <features><acpi/></features>
            <devices>
              <disk type="file" device="disk"><source file="/guest/web2.qcow2"/><target dev="vda" bus="virtio"/></disk>
              <interface type="network"><mac address="52:54:00:00:00:02"/><source network="default"/></interface>
            </devices>
            <test:runstate>5</test:runstate>
          </domain>
          <domain type="test">
            <name>db1</name>
            <uuid>3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c03</uuid>
            <title>Database</title>
            <description>Paused for maintenance.</description>
            <memory unit="GiB">16</memory>
            <currentMemory unit="GiB">8</currentMemory>
            <vcpu>4</vcpu>
            <os><type arch="x86_64">hvm</type><boot dev="hd"/></os>
            <features><acpi/></features>
            <devices>
              <disk type="file" device="disk"><source file="/guest/db1.qcow2"/><target dev="vda" bus="virtio"/></disk>
              <disk type="file" device="disk"><source file="/guest/db1-data.qcow2"/><target dev="vdb" bus="virtio"/></disk>
              <interface type="network"><mac address="52:54:00:00:00:03"/><source network="default"/></interface>
              <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
            </devices>
            <test:runstate>3</test:runstate>
          </domain>
          <domain type="test">
            <name>legacy1</name>
            <uuid>3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c04</uuid>
            <title>Ignores the power button: it has no ACPI</title>
            <memory unit="MiB">512</memory>
            <vcpu>1</vcpu>
            <os><type arch="i686">hvm</type><boot dev="hd"/></os>
            <devices>
              <disk type="file" device="disk"><source file="/guest/legacy1.img"/><target dev="hda" bus="ide"/></disk>
            </devices>
          </domain>
          <domain type="test">
            <name>build box</name>
            <uuid>3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c05</uuid>
            <title>Builds at night; a name with a space</title>
            <memory unit="GiB">8</memory>
            <vcpu>8</vcpu>
            <os><type arch="x86_64">hvm</type><boot dev="network"/><boot dev="hd"/></os>
            <features><acpi/></features>
            <devices>
              <disk type="file" device="disk"><source file="/guest/build.qcow2"/><target dev="vda" bus="virtio"/></disk>
            </devices>
            <test:runstate>5</test:runstate>
          </domain>
          <domain type="test">
            <name>report1</name>
            <uuid>3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c06</uuid>
            <title>Reports; saved until the end of the month</title>
            <memory unit="GiB">2</memory>
            <vcpu>1</vcpu>
            <os><type arch="x86_64">hvm</type><boot dev="hd"/></os>
            <features><acpi/></features>
            <devices>
              <disk type="file" device="disk"><source file="/guest/report1.qcow2"/><target dev="vda" bus="virtio"/></disk>
            </devices>
            <test:runstate>5</test:runstate>
            <test:hasmanagedsave/>
          </domain>
          <network>
            <name>default</name>
            <uuid>dd8fe884-6c02-601e-7551-cca97df1c5df</uuid>
            <bridge name="virbr0"/>
          </network>
          <pool type="dir">
            <name>default-pool</name>
            <uuid>dfe224cb-28fb-8dd0-c4b2-64eb3f0f4566</uuid>
            <target><path>/default-pool</path></target>
          </pool>
          <interface type="ethernet" name="eth1"><mac address="aa:bb:cc:dd:ee:ff"/></interface>
          <device><name>computer</name><capability type="system"/></device>
          <device><name>scsi_host1</name><parent>computer</parent><capability type="scsi_host"/></device>
          <device><name>net_eth1</name><parent>computer</parent><capability type="net"/></device>
        </node>
        """;

    private static readonly Lazy<TestNode> Plain = new(() => TestNodeReader.Read(SafeXml.Parse(Xml, "node"), []));

    /// <summary>The host's content, and as many more domains that are off: <c>bench-00000</c>, <c>bench-00001</c>, ...</summary>
    public static TestNode Read(int generated)
    {
        TestNode node = Plain.Value;
        return generated == 0 ? node : node with { Domains = [.. node.Domains, .. Enumerable.Range(0, generated).Select(Generate)] };
    }

    private static TestNodeDomain Generate(int index)
    {
        string name = "bench-" + index.ToString("D5", CultureInfo.InvariantCulture);
        string uuid = "be9c0000-0000-4000-8000-" + index.ToString("x12", CultureInfo.InvariantCulture);
        var definition = DomainDefinition.Parse(
            $"""
            <domain type="test">
              <name>{name}</name>
              <uuid>{uuid}</uuid>
              <memory unit="MiB">512</memory>
              <vcpu>1</vcpu>
              <os><type arch="x86_64">hvm</type></os>
              <features><acpi/></features>
            </domain>
            """);
        return new TestNodeDomain(definition, DomainState.Shutoff);
    }
}
