using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Tests.Core.Definition;

public sealed class DomainXmlBuilderTests
{
    private static readonly DomainSpecification Plain = new("d1", "qemu", 1L << 30, 2);

    [Fact]
    public void A_plain_domain_has_name_memory_and_a_serial_console()
    {
        XElement domain = Build(Plain);
        Assert.Equal("d1", domain.Element("name")!.Value);
        Assert.Equal("1048576", domain.Element("memory")!.Value);
        Assert.Equal("KiB", domain.Element("memory")!.Attribute("unit")!.Value);
        Assert.Equal("2", domain.Element("vcpu")!.Value);
        Assert.Equal("pty", domain.Element("devices")!.Element("serial")!.Attribute("type")!.Value);
        Assert.Null(domain.Element("cpu"));
        Assert.Null(domain.Element("title"));
    }

    [Fact]
    public void Memory_is_rounded_up_to_whole_KiB() =>
        Assert.Equal("2", Build(Plain with { Memory = 1025 }).Element("memory")!.Value);

    [Fact]
    public void Text_is_escaped_and_survives()
    {
        DomainSpecification odd = Plain with { Name = "a<b>&\"'", CommandLine = "x=\"<&>\"", Kernel = "/k", Title = "]]>" };
        XElement domain = Build(odd);
        Assert.Equal(odd.Name, domain.Element("name")!.Value);
        Assert.Equal(odd.CommandLine, domain.Element("os")!.Element("cmdline")!.Value);
        Assert.Equal(odd.Title, domain.Element("title")!.Value);
    }

    [Fact]
    public void Disks_get_targets_and_formats_in_order()
    {
        IReadOnlyList<string> paths = [.. Enumerable.Range(0, 28).Select(i => $"/d/{i}.img")];
        List<XElement> disks = [.. Build(Plain with { Disks = paths }).Element("devices")!.Elements("disk")];
        Assert.Equal("vda", Target(disks[0]));
        Assert.Equal("vdz", Target(disks[25]));
        Assert.Equal("vdaa", Target(disks[26]));
        Assert.Equal("vdab", Target(disks[27]));
    }

    [Theory]
    [InlineData("/d/a.qcow2", "qcow2")]
    [InlineData("/d/a.QCOW2", "qcow2")]
    [InlineData("/d/a.vmdk", "vmdk")]
    [InlineData("/d/a.img", "raw")]
    [InlineData("/dev/vg/lv", "raw")]
    public void The_format_follows_from_the_extension(string path, string format) =>
        Assert.Equal(format, Build(Plain with { Disks = [path] })
        .Element("devices")!.Element("disk")!.Element("driver")!.Attribute("type")!.Value);

    [Theory]
    [InlineData("q35", "sata", "sda")]
    [InlineData("pc-q35-7.2", "sata", "sda")]
    [InlineData("pc", "ide", "hda")]
    [InlineData("pc-i440fx-7.2", "ide", "hda")]
    [InlineData(null, "sata", "sda")]
    public void The_cdrom_is_on_the_controller_that_the_machine_has(string? machine, string bus, string device)
    {
        XElement disk = Build(Plain with { Iso = "/cd.iso", Machine = machine }).Element("devices")!.Element("disk")!;
        Assert.Equal((bus, device), (disk.Element("target")!.Attribute("bus")!.Value, Target(disk)));
        Assert.NotNull(disk.Element("readonly"));
    }

    [Fact]
    public void What_it_writes_can_be_read()
    {
        DomainSpecification full = Plain with
        {
            Type = "kvm", Machine = "q35", Disks = ["/d/a.qcow2"], Iso = "/cd.iso", Kernel = "/k", Initrd = "/i",
                CommandLine = "quiet",
            Vnc = true, Serial = new SerialSource("unix", "/run/s"), Title = "T", Description = "D",
        };
        DomainDefinition definition = DomainDefinition.Parse(DomainXmlBuilder.Build(full));
        Assert.Equal("d1", definition.Name);
        Assert.Equal(1L << 30, definition.Memory);
        Assert.Equal("q35", definition.Machine);
    }

    private static XElement Build(DomainSpecification specification) => XElement.Parse(DomainXmlBuilder.Build(specification));

    private static string Target(XElement disk) => disk.Element("target")!.Attribute("dev")!.Value;
}
