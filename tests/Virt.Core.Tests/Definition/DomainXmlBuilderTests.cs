using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

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
        List<XElement> disks = [.. Build(Plain with { Disks = [.. paths.Select(Disk)] }).Element("devices")!.Elements("disk")];
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
    [InlineData("/d/a.iso", "raw")]
    [InlineData("/dev/vg/lv", "raw")]
    public void The_format_follows_from_the_extension(string path, string format) =>
        Assert.Equal(format, Build(Plain with { Disks = [Disk(path)] })
        .Element("devices")!.Element("disk")!.Element("driver")!.Attribute("type")!.Value);

    [Theory]
    [InlineData("q35", "sata", "sda")]
    [InlineData("pc-q35-7.2", "sata", "sda")]
    [InlineData("pc", "ide", "hda")]
    [InlineData("pc-i440fx-7.2", "ide", "hda")]
    [InlineData(null, "sata", "sda")]
    public void The_cdrom_is_on_the_controller_that_the_machine_has(string? machine, string bus, string device)
    {
        XElement disk = Build(Plain with { Disks = [Cd], Machine = machine }).Element("devices")!.Element("disk")!;
        Assert.Equal((bus, device), (disk.Element("target")!.Attribute("bus")!.Value, Target(disk)));
        Assert.NotNull(disk.Element("readonly"));
    }

    [Fact]
    public void What_it_writes_can_be_read()
    {
        DomainSpecification full = Plain with
        {
            Type = "kvm", Machine = "q35", Disks = [Disk("/d/a.qcow2"), Cd], Kernel = "/k", Initrd = "/i",
                CommandLine = "quiet",
            Graphics = [new("vnc")], Serial = [new SerialSource("unix", "/run/s")], Title = "T", Description = "D",
        };
        DomainDefinition definition = DomainDefinition.Parse(DomainXmlBuilder.Build(full));
        Assert.Equal("d1", definition.Name);
        Assert.Equal(1L << 30, definition.Memory);
        Assert.Equal("q35", definition.Machine);
    }

    [Fact]
    public void Maxima_are_written_beside_what_it_has()
    {
        XElement domain = Build(Plain with { MaximumMemory = 4L << 30, MaximumVCpu = 8 });
        Assert.Equal("4194304", domain.Element("memory")!.Value);
        Assert.Equal("1048576", domain.Element("currentMemory")!.Value);
        Assert.Equal(("8", "2"), (domain.Element("vcpu")!.Value, domain.Element("vcpu")!.Attribute("current")!.Value));
    }

    [Theory]
    [InlineData("host-model", "<cpu mode=\"host-model\" />")]
    [InlineData("maximum", "<cpu mode=\"maximum\" />")]
    [InlineData(
        "EPYC, +vmx,-hle",
        "<cpu mode=\"custom\" match=\"exact\"><model fallback=\"forbid\">EPYC</model><feature policy=\"require\" name=\"vmx\" /><feature policy=\"disable\" name=\"hle\" /></cpu>")]
    public void Cpus_are_said_with_features(string cpu, string expected) =>
        Assert.Equal(expected, Build(Plain with { Cpu = cpu }).Element("cpu")!.ToString(SaveOptions.DisableFormatting));

    [Theory]
    [InlineData(",")]
    [InlineData("EPYC,vmx")]
    [InlineData("EPYC,+")]
    public void What_is_no_cpu_is_refused(string cpu) =>
        Assert.Equal(VirtErrorCode.InvalidArgument, Assert.Throws<VirtException>(() => Build(Plain with { Cpu = cpu })).Code);

    [Fact]
    public void Secure_boot_is_efi_with_keys_and_smm()
    {
        XElement domain = Build(Plain with { SecureBoot = true });
        Assert.Equal("efi", domain.Element("os")!.Attribute("firmware")!.Value);
        Assert.Equal(
            ["enrolled-keys", "secure-boot"],
            domain.Element("os")!.Element("firmware")!.Elements("feature").Select(feature => feature.Attribute("name")!.Value));
        Assert.Equal("on", domain.Element("features")!.Element("smm")!.Attribute("state")!.Value);
    }

    [Fact]
    public void Virtiofs_shares_the_memory_and_9p_does_not()
    {
        Assert.Equal(
            "shared",
            Build(Plain with { SharedFolders = [new("/srv/a", "a")] }).Element("memoryBacking")!.Element("access")!.Attribute("mode")!.Value);
        Assert.Null(Build(Plain with { SharedFolders = [new("/srv/a", "a") { Driver = "9p" }] }).Element("memoryBacking"));
    }

    [Fact]
    public void The_boot_order_of_devices_replaces_that_of_classes()
    {
        Assert.Equal(["hd", "cdrom"], BootClasses(Plain with { Disks = [Cd, Disk("/a.raw")] }));
        Assert.Equal(["network"], BootClasses(Plain with { Disks = [Cd], BootOrder = ["network"] }));
        DomainSpecification ordered = Plain with { Disks = [Disk("/a.raw") with { BootOrder = 2 }] };
        Assert.Empty(BootClasses(ordered));
        Assert.Equal("2", Build(ordered).Element("devices")!.Element("disk")!.Element("boot")!.Attribute("order")!.Value);
    }

    [Fact]
    public void Targets_that_were_said_are_kept_and_the_others_take_what_is_free()
    {
        DomainSpecification disks = Plain with
        {
            Disks = [Disk("/a"), Disk("/b") with { Target = "vda" }, Disk("/c") with { Bus = "scsi" }, Cd],
        };
        Assert.Equal(["vdb", "vda", "sda", "sdb"], Build(disks).Element("devices")!.Elements("disk").Select(Target));
    }

    [Theory]
    [InlineData("/dev/vg/lv", "block", "<source dev=\"/dev/vg/lv\" />")]
    [InlineData("https://h/p/a.iso", "network", "<source protocol=\"https\" name=\"p/a.iso\"><host name=\"h\" port=\"443\" /></source>")]
    [InlineData("nbd://h:10809/x", "network", "<source protocol=\"nbd\" name=\"x\"><host name=\"h\" port=\"10809\" /></source>")]
    public void Sources_are_files_devices_and_urls(string path, string type, string source)
    {
        XElement disk = Build(Plain with { Disks = [Disk(path)] }).Element("devices")!.Element("disk")!;
        Assert.Equal(type, disk.Attribute("type")!.Value);
        Assert.Equal(source, disk.Element("source")!.ToString(SaveOptions.DisableFormatting));
    }

    [Theory]
    [InlineData("gopher://h/a")]
    [InlineData("nbd://")]
    public void A_url_that_is_no_disk_is_refused(string url) =>
        Assert.Equal(VirtErrorCode.InvalidArgument, Assert.Throws<VirtException>(() => Build(Plain with { Disks = [Disk(url)] })).Code);

    [Fact]
    public void Several_serial_ports_and_one_console()
    {
        XElement devices = Build(Plain with { Serial = [new("pty"), new("tcp", "127.0.0.1:4555"), new("none")] }).Element("devices")!;
        Assert.Equal(["pty", "tcp"], devices.Elements("serial").Select(port => port.Attribute("type")!.Value));
        Assert.Equal("4555", devices.Elements("serial").Last().Element("source")!.Attribute("service")!.Value);
        Assert.Equal("pty", Assert.Single(devices.Elements("console")).Attribute("type")!.Value);
    }

    [Fact]
    public void Network_cards_have_what_was_said()
    {
        XElement nic = InterfaceXml.Build(new InterfaceSpecification("network", "default")
        {
            Mac = "52:54:00:00:00:09", Model = "e1000e", Mtu = 9000, Connected = false, Vlan = 5, Queues = 2, Filter = "clean",
            InboundLimit = 1500, OutboundLimit = 1L << 20, BootOrder = 1, Target = "tap9",
        });
        Assert.Equal("2", nic.Element("bandwidth")!.Element("inbound")!.Attribute("average")!.Value);
        Assert.Equal("1024", nic.Element("bandwidth")!.Element("outbound")!.Attribute("average")!.Value);
        Assert.Equal("down", nic.Element("link")!.Attribute("state")!.Value);
        Assert.Equal("5", nic.Element("vlan")!.Element("tag")!.Attribute("id")!.Value);
    }

    [Fact]
    public void Scsi_disks_get_a_virtio_controller_and_q35_free_ports()
    {
        Assert.Empty(Build(Plain).Element("devices")!.Elements("controller"));
        XElement[] controllers =
        [
            .. Build(Plain with { Machine = "q35", Disks = [Disk("/a") with { Bus = "scsi" }] }).Element("devices")!.Elements("controller"),
        ];
        Assert.Equal("virtio-scsi", Assert.Single(controllers, one => one.Attribute("type")!.Value == "scsi").Attribute("model")!.Value);
        // USB, balloon and the SCSI controller have ports of their own; six are free.
        Assert.Equal(9, controllers.Count(one => one.Attribute("model")!.Value == "pcie-root-port"));
    }

    private static DiskSpecification Cd => new() { Path = "/cd.iso", Device = "cdrom" };

    private static DiskSpecification Disk(string path) => new() { Path = path };

    private static IEnumerable<string> BootClasses(DomainSpecification specification) =>
        Build(specification).Element("os")!.Elements("boot").Select(boot => boot.Attribute("dev")!.Value);

    private static XElement Build(DomainSpecification specification) => XElement.Parse(DomainXmlBuilder.Build(specification));

    private static string Target(XElement disk) => disk.Element("target")!.Attribute("dev")!.Value;
}
