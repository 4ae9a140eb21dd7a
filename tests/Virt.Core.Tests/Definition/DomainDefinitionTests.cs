using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Tests.Core.Definition;

public sealed class DomainDefinitionTests
{
    private const string Small = "<domain type='kvm'><name>a</name><memory>1024</memory></domain>";

    [Theory]
    [InlineData(4, "0123")]
    [InlineData(3, "013")]
    [InlineData(2, "03")]
    [InlineData(1, "0")]
    public void A_list_of_virtual_cpus_follows_their_number(int count, string enabled)
    {
        var definition = DomainDefinition.Parse(
            """
            <domain type='qemu'><name>a</name><memory>1024</memory><vcpu current='2'>4</vcpu><vcpus>
            <vcpu id='0' enabled='yes' hotpluggable='no' order='1'/><vcpu id='1' enabled='no' hotpluggable='yes'/>
            <vcpu id='3' enabled='yes' hotpluggable='yes' order='2'/></vcpus></domain>
            """);
        definition.VCpu = count;
        Assert.Equal(enabled, string.Concat(definition.Root.Element("vcpus")!.Elements("vcpu")
            .Where(vcpu => (string?)vcpu.Attribute("enabled") == "yes").Select(vcpu => (string?)vcpu.Attribute("id")).Order()));
    }

    [Fact]
    public void Memory_is_that_of_the_cells_where_it_is_not_given() => Assert.Equal(3L << 20, DomainDefinition.Parse(
        "<domain type='qemu'><name>a</name><cpu><numa><cell memory='1' unit='MiB'/><cell memory='2048'/></numa></cpu></domain>").MaximumMemory);

    [Fact]
    public void The_smallest_definition_has_libvirts_defaults()
    {
        DomainDefinition definition = DomainDefinition.Parse(Small);

        Assert.Equal(("kvm", "a", 1L << 20, 1L << 20), (definition.Type, definition.Name, definition.Memory, definition.MaximumMemory));
        Assert.Equal((1, 1, "hvm", null, null), (definition.VCpu, definition.MaximumVCpu, definition.OsType, definition.Architecture, definition.Machine));
        Assert.Equal(
            (LifecycleAction.Destroy, LifecycleAction.Restart, LifecycleAction.Destroy),
            (definition.OnPoweroff, definition.OnReboot, definition.OnCrash));
        Assert.Empty(definition.BootOrder);
        Assert.Equal(definition.Uuid, DomainDefinition.Parse(definition.ToXml()).Uuid);
    }

    [Theory]
    [InlineData("<domain><name>a</name><memory>1</memory></domain>", VirtErrorCode.XmlError, "type")]
    [InlineData("<domain type='kvm'><memory>1</memory></domain>", VirtErrorCode.NoName, "name")]
    [InlineData("<domain type='kvm'><name/><memory>1</memory></domain>", VirtErrorCode.NoName, "name")]
    [InlineData("<domain type='kvm'><name>  </name><memory>1</memory></domain>", VirtErrorCode.NoName, "name")]
    [InlineData("<domain type='kvm'><name> a</name><memory>1</memory></domain>", VirtErrorCode.XmlError, "space")]
    [InlineData("<domain type='kvm'><name>a/b</name><memory>1</memory></domain>", VirtErrorCode.XmlError, "'/'")]
    [InlineData("<domain type='kvm'><name>..</name><memory>1</memory></domain>", VirtErrorCode.XmlError, "'..'")]
    [InlineData("<domain type='kvm'><name>a&#10;b</name><memory>1</memory></domain>", VirtErrorCode.XmlError, "control")]
    [InlineData("<domain type='kvm'><name>a</name></domain>", VirtErrorCode.XmlError, "memory")]
    [InlineData("<domain type='kvm'><name>a</name><memory>0</memory></domain>", VirtErrorCode.XmlError, "zero")]
    [InlineData("<domain type='kvm'><name>a</name><uuid>12</uuid><memory>1</memory></domain>", VirtErrorCode.XmlError, "uuid")]
    [InlineData("<domain type='kvm'><name>a</name><uuid>{6695eb01-f6a4-8304-79aa-97f2502e193f}</uuid><memory>1</memory></domain>", VirtErrorCode.XmlError, "uuid")]
    [InlineData("<domain type='kvm'><name>a</name><memory>1</memory><vcpu>0</vcpu></domain>", VirtErrorCode.XmlError, "<vcpu>")]
    [InlineData("<domain type='kvm'><name>a</name><memory>1</memory><vcpu/></domain>", VirtErrorCode.XmlError, "<vcpu>")]
    [InlineData("<domain type='kvm'><name>a</name><memory>1</memory><vcpu>99999999999</vcpu></domain>", VirtErrorCode.XmlError, "<vcpu>")]
    [InlineData("<domain type='kvm'><name>a</name><memory>1</memory><vcpu current='3'>2</vcpu></domain>", VirtErrorCode.XmlError, "maximum")]
    [InlineData("<domain type='kvm'><name>a</name><title>x&#10;y</title><memory>1</memory></domain>", VirtErrorCode.XmlError, "title")]
    [InlineData("<domain type='kvm'><name>a</name><memory>1</memory><on_crash>explode</on_crash></domain>", VirtErrorCode.XmlError, "explode")]
    [InlineData("<domain type='kvm'><name>a</name><memory>1</memory><os><boot dev='floppy'/></os></domain>", VirtErrorCode.XmlError, "floppy")]
    [InlineData("<domain type='kvm'><name>a</name><memory>1</memory><devices><disk><target dev='vda'/></disk><disk><target dev='vda'/></disk></devices></domain>", VirtErrorCode.XmlError, "vda")]
    public void What_is_wrong_is_named(string xml, VirtErrorCode code, string names)
    {
        VirtException error = Assert.Throws<VirtException>(() => DomainDefinition.Parse(xml));
        Assert.Equal(code, error.Code);
        Assert.Contains(names, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_name_the_line()
    {
        VirtException error = Assert.Throws<VirtException>(
            () => DomainDefinition.Parse("<domain type='kvm'>\n<name>a</name>\n<memory>1</memory>\n\n<vcpu>many</vcpu></domain>"));
        Assert.StartsWith("line 5: <vcpu>", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6695EB01F6A4830479AA97F2502E193F")]
    [InlineData(" 6695eb01-f6a4-8304-79aa-97f2502e193f\n")]
    public void A_uuid_is_written_in_one_form(string text)
    {
        DomainDefinition definition = DomainDefinition.Parse(Small.Replace("<memory>", $"<uuid>{text}</uuid><memory>", StringComparison.Ordinal));
        Assert.Equal("6695eb01-f6a4-8304-79aa-97f2502e193f", definition.Root.Element("uuid")!.Value);
        Assert.Equal(new Guid("6695eb01-f6a4-8304-79aa-97f2502e193f"), definition.Uuid);
    }

    [Theory]
    [InlineData("<currentMemory>512</currentMemory>", 512)]
    [InlineData("<currentMemory>0</currentMemory>", 1024)]
    [InlineData("<currentMemory>4096</currentMemory>", 1024)]
    [InlineData("", 1024)]
    public void Current_memory_is_at_most_the_maximum_and_zero_means_all(string current, long kibibytes) =>
        Assert.Equal(kibibytes << 10, DomainDefinition.Parse(Small.Replace("</domain>", current + "</domain>", StringComparison.Ordinal)).Memory);

    [Fact]
    public void What_is_not_understood_survives_in_its_order()
    {
        const string Xml = """
            <domain type="kvm" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
              <name>a</name>
              <uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
              <metadata>
                <app:owner xmlns:app="urn:app" since="2020">Ann &amp; Bob</app:owner>
              </metadata>
              <memory unit="KiB">1024</memory>
              <future knob="1">text<inner /></future>
              <devices>
                <second />
                <first z="1" a="2" />
                <!-- why -->
              </devices>
              <qemu:commandline>
                <qemu:arg value="-x" />
              </qemu:commandline>
            </domain>

            """;
        Assert.Equal(Xml, DomainDefinition.Parse(Xml).ToXml().Replace("<!--why-->", "<!-- why -->", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_set_is_read_back_and_stands_where_readers_look()
    {
        DomainDefinition definition = DomainDefinition.Parse(Small);
        definition.VCpu = 1;
        definition.MaximumVCpu = 4;
        definition.VCpu = 2;
        definition.MaximumMemory = (3L << 30) + 1;
        definition.Memory = 1L << 30;
        definition.Title = "a & b";
        definition.Description = "long";
        definition.OnCrash = LifecycleAction.CoredumpRestart;
        definition.BootOrder = ["cdrom", "hd"];

        DomainDefinition read = DomainDefinition.Parse(definition.ToXml());

        Assert.Equal((2, 4, (3L << 30) + 1024, 1L << 30), (read.VCpu, read.MaximumVCpu, read.MaximumMemory, read.Memory));
        Assert.Equal(("a & b", "long", LifecycleAction.CoredumpRestart), (read.Title, read.Description, read.OnCrash));
        Assert.Equal(["cdrom", "hd"], read.BootOrder);
        Assert.Equal(
            ["name", "uuid", "title", "description", "memory", "currentMemory", "vcpu", "os", "on_crash"],
            read.Root.Elements().Select(element => element.Name.LocalName));
    }

    [Fact]
    public void A_huge_size_does_not_turn_negative()
    {
        DomainDefinition definition = DomainDefinition.Parse(Small);
        definition.MaximumMemory = long.MaxValue / 2;
        Assert.Equal(long.MaxValue / 2 + 1, definition.MaximumMemory);
    }

    [Fact]
    public void A_clone_is_changed_on_its_own()
    {
        DomainDefinition definition = DomainDefinition.Parse(Small);
        DomainDefinition clone = definition.Clone();
        clone.Name = "b";
        Assert.Equal(("a", "b", definition.Uuid), (definition.Name, clone.Name, clone.Uuid));
    }

    [Fact]
    public void Passwords_are_taken_out()
    {
        DomainDefinition definition = DomainDefinition.Parse(Small.Replace(
            "</domain>",
            "<devices><graphics type='vnc' port='1' passwd='p'/><graphics type='spice' passwd='q' passwdValidTo='2030-01-01T00:00:00'/></devices></domain>",
            StringComparison.Ordinal));
        DefinitionSecrets.Remove(definition);
        Assert.Equal(
            ["type", "port", "type"],
            definition.Root.Descendants("graphics").Attributes().Select(attribute => attribute.Name.LocalName));
    }
}
