using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Tests.Core.Definition;

public sealed class DomainVocabularyTests
{
    [Theory]
    [InlineData("<memmory>1</memmory>", "<memmory>")]
    [InlineData("<vcpu curent='1'>1</vcpu>", "<vcpu> curent")]
    [InlineData("<devices>\n<disk><tarket dev='vda'/></disk></devices>", "line 3: <tarket>")]
    [InlineData("<devices><emulator><disk/></emulator></devices>", "<disk>")]
    public void Strictly_an_unknown_name_is_a_schema_error(string part, string names)
    {
        string xml = $"<domain type='kvm'><name>a</name>\n<memory>1</memory>{part}</domain>";
        VirtException error = Assert.Throws<VirtException>(() => DomainDefinition.Parse(xml, strict: true));
        Assert.Equal(VirtErrorCode.XmlInvalidSchema, error.Code);
        Assert.Contains(names, error.Message, StringComparison.Ordinal);
        Assert.Equal("a", DomainDefinition.Parse(xml).Name);
    }

    [Fact]
    public void What_the_format_has_passes()
    {
        DomainDefinition definition = DomainDefinition.Parse(
            """
            <domain type='kvm' id='3' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <name>a</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid><title>t</title><description>d</description>
              <metadata><x:anything xmlns:x='urn:x' y='1'><inner/></x:anything><plain/></metadata>
              <memory unit='KiB'>1</memory><currentMemory unit='KiB'>1</currentMemory>
              <vcpu placement='static' current='1'>2</vcpu>
              <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
              <features><acpi/><apic/></features>
              <cpu mode='host-passthrough' check='none' migratable='on'/>
              <clock offset='utc'><timer name='rtc' tickpolicy='catchup'/></clock>
              <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a'/><target dev='vda' bus='virtio'/></disk>
                <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/><model type='virtio'/></interface>
                <serial type='pty'><target type='isa-serial' port='0'><model name='isa-serial'/></target></serial>
                <graphics type='vnc' port='-1' autoport='yes'><listen type='address' address='127.0.0.1'/></graphics>
                <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
              </devices>
              <qemu:commandline><qemu:arg value='-x'/></qemu:commandline>
            </domain>
            """,
            strict: true);
        Assert.Equal("a", definition.Name);
    }
}
