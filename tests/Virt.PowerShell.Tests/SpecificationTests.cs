using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.PowerShell;
using Virt.Storage;

namespace Virt.Tests.PowerShell;

public sealed class SpecificationTests
{
    [Theory]
    [InlineData("/d/a.qcow2", "/d/a.qcow2", null)]
    [InlineData("app.qcow2", "app.qcow2", null)]
    [InlineData("/d/with:colon", "/d/with:colon", null)]
    [InlineData("https://h:8443/a.iso", "https://h:8443/a.iso", null)]
    [InlineData("20GB", null, 20L << 30)]
    [InlineData("1.5G", null, 3L << 29)]
    [InlineData("data:20GB", "data", 20L << 30)]
    [InlineData("/d/a.img:512M", "/d/a.img", 512L << 20)]
    public void Disks_are_paths_sizes_and_names_with_sizes(string text, string? path, long? size)
    {
        DiskSpecification disk = Assert.Single((DiskSpecification[])new DiskSpecAttribute().Transform(null!, text));
        Assert.Equal((path, size), (disk.Path, disk.Size));
    }

    [Fact]
    public void Disks_are_numbers_tables_objects_and_many()
    {
        object[] input =
        [
            20L << 30, new Hashtable { ["path"] = "/a", ["Size"] = "5G", ["readonly"] = true, ["Iops"] = 100, ["BootOrder"] = "2" },
            Made.Of(("Path", "/b.qcow2"), ("Cache", "NONE")), new PSObject(new DiskSpecification { Path = "/c" }),
            new ImageRecord("/d", "qcow2", 1, 1, false, []), new FileInfo("/e"),
        ];
        var disks = (DiskSpecification[])new DiskSpecAttribute().Transform(null!, input);
        Assert.Equal([null, "/a", "/b.qcow2", "/c", "/d", "/e"], disks.Select(disk => disk.Path));
        Assert.Equal((5L << 30, true, 100L, 2), (disks[1].Size, disks[1].ReadOnly, disks[1].Limits.Iops, disks[1].BootOrder));
        Assert.Equal("none", disks[2].Cache);
        Assert.Equal("qcow2", disks[4].Format);
    }

    [Theory]
    [InlineData("Paht", "/x", "It can have Path, ")]
    [InlineData("Size", "huge", "is not a Size of a disk")]
    [InlineData("Size", 20, "too small for a disk")]
    [InlineData("Bus", "pci", "Use virtio, scsi")]
    [InlineData("ReadOnly", "maybe", "Use $true or $false")]
    [InlineData("BootOrder", 0, "whole number from 1")]
    [InlineData("Format", "qcow2", "needs a Path")]
    public void What_is_no_disk_is_told(string key, object value, string said) => Assert.Contains(
        said,
        Assert.Throws<ArgumentTransformationMetadataException>(() =>
            new DiskSpecAttribute().Transform(null!, new Hashtable { [key] = value })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Images_that_cannot_be_made_are_refused()
    {
        Refused<DiskSpecAttribute>(new Hashtable { ["Size"] = "5G", ["Format"] = "vmdk" }, "raw or qcow2");
        Refused<DiskSpecAttribute>(new Hashtable { ["Backing"] = "/b", ["Format"] = "raw" }, "is qcow2");
        Refused<DiskSpecAttribute>(new Hashtable { ["Size"] = "5G", ["Device"] = "cdrom" }, "not for a cdrom");
        Refused<DiskSpecAttribute>(20, "too small");
        Refused<DiskSpecAttribute>("", "nothing in it");
        Refused<DiskSpecAttribute>(new Version(1, 2), "Version is not a disk");
    }

    [Theory]
    [InlineData("user", "user", null)]
    [InlineData("Bridge:br0", "bridge", "br0")]
    [InlineData("network:default", "network", "default")]
    [InlineData("direct:eth0", "direct", "eth0")]
    [InlineData("none", "none", null)]
    public void Cards_are_said_in_words(string text, string type, string? source)
    {
        InterfaceSpecification nic = NicSpec.FromText(text);
        Assert.Equal((type, source), (nic.Type, nic.Source));
    }

    [Fact]
    public void Cards_are_said_in_tables()
    {
        var nic = NicSpec.Read(new Hashtable
        {
            ["Bridge"] = "br0", ["Mac"] = "52-54-00-AB-CD-EF", ["Model"] = "e1000e", ["Connected"] = false, ["InboundLimit"] = "1M",
        });
        Assert.Equal(("bridge", "br0", "52:54:00:ab:cd:ef", "e1000e", false, 1L << 20),
            (nic.Type, nic.Source, nic.Mac, nic.Model, nic.Connected, nic.InboundLimit));
    }

    [Fact]
    public void What_is_no_card_is_told()
    {
        Refused<NicSpecAttribute>("br0", "bridge:br0");
        Refused<NicSpecAttribute>("bridge:", "bridge:br0");
        Refused<NicSpecAttribute>(new Hashtable { ["Bridge"] = "a", ["Network"] = "b" }, "one place");
        Refused<NicSpecAttribute>(new Hashtable { ["Mac"] = "12" }, "not a MAC address");
        Refused<NicSpecAttribute>(new Hashtable { ["Mac"] = "01:00:00:00:00:01" }, "of a group");
        Refused<NicSpecAttribute>(new Hashtable { ["Bridge"] = "a", ["Vlan"] = 5000 }, "from 1 to 4094");
        Refused<NicSpecAttribute>(new Hashtable { ["Bridge"] = "a", ["Colour"] = "red" }, "has no 'Colour'");
    }

    [Fact]
    public void Displays_take_passwords_and_do_not_tell_them()
    {
        var display = ((GraphicsSpecification[])new GraphicsSpecAttribute().Transform(
            null!,
            new Hashtable { ["Type"] = "vnc", ["Port"] = 5901, ["Password"] = new NetworkCredential("", "s3same").SecurePassword }))[0];
        Assert.Equal(("s3same", 5901), (display.Password, display.Port));
        Assert.DoesNotContain("s3same", display.ToString(), StringComparison.Ordinal);
        Refused<GraphicsSpecAttribute>("rdp", "vnc, spice");
        Refused<GraphicsSpecAttribute>(new Hashtable { ["Type"] = "vnc", ["Password"] = "123456789" }, "at most 8");
    }

    [Theory]
    [InlineData("com1")]
    [InlineData("file:rel")]
    [InlineData("tcp:4555")]
    [InlineData("tcp:h:99999")]
    [InlineData("pty:x")]
    public void What_is_no_serial_port_is_told(string text) => Refused<SerialSpecAttribute>(text, "Give pty");

    [Fact]
    public void Folders_have_the_name_of_their_end()
    {
        var folders = (SharedFolderSpecification[])new SharedFolderSpecAttribute().Transform(
            null!, new object[] { "/srv/data/", new Hashtable { ["Path"] = "/a", ["Tag"] = "t", ["Driver"] = "9p", ["ReadOnly"] = true } });
        Assert.Equal([("data", "virtiofs"), ("t", "9p")], folders.Select(folder => (folder.Tag, folder.Driver)));
        Refused<SharedFolderSpecAttribute>("data", "absolute");
        Refused<SharedFolderSpecAttribute>(new Hashtable { ["Path"] = "/a", ["ReadOnly"] = true }, "read-only");
    }

    [Fact]
    public void Cloud_init_is_text_files_and_tables()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "#cloud-config\nfrom: file\n");
            Assert.Contains("from: file", CloudInitSpec.Read(file, "n1", Path.GetFullPath).UserData, StringComparison.Ordinal);
            CloudInitSeed seed = CloudInitSpec.Read(
                new Hashtable { ["UserData"] = new FileInfo(file), ["MetaData"] = "instance-id: 7", ["NetworkConfig"] = "version: 2" }, "n1", Path.GetFullPath);
            Assert.Equal(("n1-cloudinit.iso", "instance-id: 7", "version: 2"), (seed.Name, seed.MetaData, seed.NetworkConfig));
            Assert.Contains("local-hostname: my-vm-1", CloudInitSpec.Read("#!/bin/sh", "My VM 1", Path.GetFullPath).MetaData, StringComparison.Ordinal);
            Assert.Contains(
                "neither", Assert.Throws<Virt.Errors.VirtException>(() => CloudInitSpec.Read("nofile", "n1", Path.GetFullPath)).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("0000:01:00.0", "<source><address domain=\"0x0000\" bus=\"0x01\" slot=\"0x00\" function=\"0x0\" /></source>", "pci")]
    [InlineData("01:00.1", "<source><address domain=\"0x0000\" bus=\"0x01\" slot=\"0x00\" function=\"0x1\" /></source>", "pci")]
    [InlineData("046D:c077", "<source><vendor id=\"0x046d\" /><product id=\"0xc077\" /></source>", "usb")]
    [InlineData("1.4", "<source><address bus=\"1\" device=\"4\" /></source>", "usb")]
    public void Devices_of_the_host_are_said_by_their_addresses(string text, string source, string type)
    {
        XElement device = DeviceTemplates.For("HostDev").Build(new Hashtable { ["Address"] = text });
        Assert.Equal(source, device.Element("source")!.ToString(SaveOptions.DisableFormatting));
        Assert.Equal(type, device.Attribute("type")!.Value);
    }

    [Theory]
    [InlineData("memory", "Size", 1L << 30, "<memory model=\"dimm\"><target><size unit=\"KiB\">1048576</size></target></memory>")]
    [InlineData("rng", "Bytes", 512, "<rng model=\"virtio\"><rate bytes=\"512\" /><backend model=\"random\">/dev/urandom</backend></rng>")]
    [InlineData("serial", "Source", "unix:/s", "<serial type=\"unix\"><source mode=\"bind\" path=\"/s\" /></serial>")]
    [InlineData("vsock", "Cid", 5, "<vsock model=\"virtio\"><cid address=\"5\" /></vsock>")]
    public void Types_have_what_is_usual(string type, string key, object value, string expected) => Assert.Equal(
        expected, DeviceTemplates.For(type).Build(new Hashtable { [key] = value }).ToString(SaveOptions.DisableFormatting));

    private static void Refused<T>(object input, string said)
        where T : ArgumentTransformationAttribute, new() => Assert.Contains(
        said, Assert.Throws<ArgumentTransformationMetadataException>(() => new T().Transform(null!, input)).Message,
        StringComparison.Ordinal);
}
