using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Tests.Core.Definition;

public sealed class DeviceMatcherTests
{
    private const string Devices = """
        <devices>
          <disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/><alias name='virtio-disk0'/><address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></disk>
          <disk type='file' device='disk'><source file='/b'/><target dev='vdb' bus='virtio'/><alias name='ua-data'/></disk>
          <interface type='user'><mac address='52:54:00:aa:bb:01'/><alias name='net0'/></interface>
          <interface type='user'><mac address='52:54:00:aa:bb:02'/><address type='pci' bus='3' slot='0'/></interface>
          <interface type='user'><mac address='52:54:00:aa:bb:02'/><address type='pci' bus='4' slot='0'/></interface>
          <controller type='scsi' index='0'/><controller type='scsi' index='1'/>
          <rng model='virtio'><backend model='random'>/dev/random</backend></rng>
          <memory model='dimm'><target><size unit='KiB'>524288</size></target></memory>
        </devices>
        """;

    [Theory]
    [InlineData("<disk><target dev='vdb'/></disk>", "/b")]
    [InlineData("<disk><alias name='virtio-disk0'/></disk>", "/a")]
    [InlineData("<disk><alias name='ua-data'/><target dev='vda'/></disk>", "/b")]
    [InlineData("<disk><address type='pci' bus='1' slot='0' function='0' domain='0'/></disk>", "/a")]
    [InlineData("<disk><source file='/b'/></disk>", "/b")]
    [InlineData("<interface><mac address='52:54:00:AA:BB:01'/></interface>", "52:54:00:aa:bb:01")]
    [InlineData("<controller type='scsi' index='1'/>", "index=\"1\"")]
    [InlineData("<rng model='virtio'/>", "/dev/random")]
    [InlineData("<memory model='dimm'><target><size unit='MiB'>512</size></target></memory>", "524288")]
    [InlineData("<interface><mac address='52:54:00:aa:bb:02'/><address type='pci' bus='0x4' slot='0'/></interface>", "bus=\"4\"")]
    public void A_device_is_found_by_what_tells_it(string told, string found) =>
        Assert.Contains(found, DeviceMatcher.Find(XElement.Parse(Devices), XElement.Parse(told), live: true)!.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("<disk><target dev='vdc'/></disk>")]
    [InlineData("<disk><alias name='virtio-disk9'/><target dev='vda'/></disk>")]
    [InlineData("<rng model='virtio-transitional'/>")]
    [InlineData("<memory><target><size unit='MiB'>513</size></target></memory>")]
    [InlineData("<vsock/>")]
    public void What_is_not_there_is_not_found(string told) =>
        Assert.Null(DeviceMatcher.Find(XElement.Parse(Devices), XElement.Parse(told), live: true));

    [Theory]
    [InlineData("<interface><mac address='52:54:00:aa:bb:02'/></interface>")]
    [InlineData("<disk type='file'/>")]
    public void Several_that_fit_are_an_error(string told)
    {
        VirtException error = Assert.ThrowsAny<VirtException>(() => DeviceMatcher.Find(XElement.Parse(Devices), XElement.Parse(told), live: true));
        Assert.Equal(VirtErrorCode.OperationFailed, error.Code);
    }

    [Fact]
    public void A_run_and_a_definition_are_paired_one_to_one()
    {
        XElement live = XElement.Parse("""
            <devices><disk><target dev='vda'/></disk><serial type='pty'><source path='/dev/pts/1'/><target port='0'/></serial>
            <memory><size>1</size></memory><memory><size>1</size></memory><input type='mouse' bus='ps2'><alias name='input0'/></input></devices>
            """);
        XElement config = XElement.Parse("""
            <devices><disk><target dev='vdb'/></disk><serial type='pty'><target port='0'/></serial>
            <memory><size>1</size></memory><input type='mouse' bus='ps2'/></devices>
            """);

        IReadOnlyList<XElement?> pairs = DeviceMatcher.Pair([.. live.Elements()], [.. config.Elements()]);

        Assert.Equal([null, "serial", "memory", null, "input"], pairs.Select(pair => pair?.Name.LocalName));
    }

    [Theory]
    [InlineData("<disk device='cdrom'><source file='/b'/><target dev='sda'/></disk>", "source", "")]
    [InlineData("<disk device='cdrom'><target dev='sda'/></disk>", "source", "")]
    [InlineData("<disk device='cdrom'><source file='/a'/><target dev='sda' bus='sata' tray='open'/></disk>", "", "")]
    [InlineData("<disk device='cdrom'><driver cache='none'/><source file='/a'/><target dev='sda' bus='sata'/></disk>", "", "driver cache")]
    [InlineData("<disk device='cdrom'><source file='/a'/><target dev='sda'/><boot order='1'/></disk>", "", "boot order")]
    [InlineData("<disk device='cdrom'><driver type='raw'/><source file='/a'/><target dev='sda'/></disk>", "", "")]
    public void What_changes_is_told_apart_from_what_is_fixed(string wanted, string changeable, string isFixed)
    {
        XElement drive = XElement.Parse("<disk device='cdrom'><driver name='qemu' type='raw'/><source file='/a' index='2'/><target dev='sda' bus='sata'/><alias name='sata0-0-0'/></disk>");

        Assert.Equal(changeable, string.Join(',', DeviceDifference.Changeable(drive, XElement.Parse(wanted))));
        Assert.Equal(isFixed, string.Join(',', DeviceDifference.Fixed(drive, XElement.Parse(wanted))));
    }

    [Fact]
    public void A_merge_keeps_what_is_not_said_and_takes_what_is()
    {
        XElement card = XElement.Parse("<interface type='user'><mac address='a'/><model type='virtio'/><bandwidth><inbound average='1'/></bandwidth><alias name='net0'/></interface>");

        XElement merged = DeviceDifference.Merge(card, XElement.Parse("<interface type='user'><mac address='a'/><link state='down'/></interface>"));

        Assert.Equal("down", merged.Element("link")?.Attribute("state")?.Value);
        Assert.Null(merged.Element("bandwidth"));
        Assert.Equal("net0", DeviceElement.Alias(merged));
        Assert.NotNull(merged.Element("model"));
    }

    [Theory]
    [InlineData(1, "1 bytes")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(2L << 30, "2 GiB")]
    public void Sizes_in_messages_are_for_people(long bytes, string text) => Assert.Equal(text, SizeWords.Format(bytes));
}
