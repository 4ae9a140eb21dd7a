using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Daemon.Drivers.Qemu.Resources.Passthrough;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Qemu.Resources;

/// <summary>Devices of the host on a sysfs of the test's own, and what the kernel is told of interfaces.</summary>
public sealed class PassthroughTests : IDisposable
{
    private const string Address = "0000:03:00.1";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pci_device_without_an_iommu_is_not_for_guests()
    {
        var absent = new HostPciDevice(new HostPciAddress(0, 9, 0, 0), _folder.Path);
        Assert.Contains("no PCI device 0000:09:00.0", Assert.Throws<VirtException>(() => absent.Check("device")).Message, StringComparison.Ordinal);
        Device();
        Assert.Contains("behind no IOMMU", Assert.Throws<VirtException>(() => Pci().Check("device")).Message, StringComparison.Ordinal);
        Link($"bus/pci/devices/{Address}/iommu_group", "kernel/iommu_groups/7");
        Pci().Check("device");
        Assert.Equal("7", Pci().Group);
    }

    [Fact]
    public void Binding_tells_the_kernel_in_the_order_it_needs()
    {
        Device();
        Link($"bus/pci/devices/{Address}/driver", "bus/pci/drivers/ixgbevf");
        Assert.Equal("ixgbevf", Pci().Driver);
        // Nobody acts on this sysfs: the driver stays, and that is an error.
        Assert.Contains("vfio-pci does not take", Assert.Throws<VirtException>(() => Pci().Bind()).Message, StringComparison.Ordinal);
        Assert.Equal("vfio-pci", Read($"bus/pci/devices/{Address}/driver_override"));
        Assert.Equal(Address, Read("bus/pci/drivers/ixgbevf/unbind"));
        Assert.Equal(Address, Read("bus/pci/drivers_probe"));
    }

    [Fact]
    public void A_virtual_function_knows_its_card_and_number()
    {
        Device();
        Directory.CreateDirectory(_folder.File("bus/pci/devices/0000:03:00.0/net/enp3s0"));
        Link($"bus/pci/devices/{Address}/physfn", "bus/pci/devices/0000:03:00.0");
        Directory.CreateDirectory(_folder.File("bus/pci/devices/0000:03:00.2"));
        Link("bus/pci/devices/0000:03:00.0/virtfn0", "bus/pci/devices/0000:03:00.2");
        Link("bus/pci/devices/0000:03:00.0/virtfn1", $"bus/pci/devices/{Address}");
        Assert.Equal(("enp3s0", 1), Pci().VirtualFunction());
    }

    [Fact]
    public void Usb_devices_are_found_by_vendor_and_product()
    {
        Usb("1-2", "1d6b", "0104", 1, 7);
        Usb("2-1", "1d6b", "0104", 2, 3);
        Usb("2-2", "046d", "c31c", 2, 4);
        Assert.Equal([new HostUsbDevice(1, 7), new HostUsbDevice(2, 3)], HostUsbDevice.Find(0x1d6b, 0x0104, _folder.Path));
        Assert.Equal("/dev/bus/usb/002/004", Assert.Single(HostUsbDevice.Find(0x046d, 0xc31c, _folder.Path)).Path);
        Assert.Empty(HostUsbDevice.Find(1, 1, _folder.Path));
    }

    [Fact]
    public void Scsi_devices_are_found_by_adapter_and_place()
    {
        Directory.CreateDirectory(_folder.File("bus/scsi/devices/2:0:1:5/scsi_generic/sg4"));
        Assert.Equal("/dev/sg4", new HostScsiDevice("scsi_host2", 0, 1, 5).FindGeneric(_folder.Path));
        Assert.Null(new HostScsiDevice("scsi_host3", 0, 1, 5).FindGeneric(_folder.Path));
        Assert.Null(new HostScsiDevice("../../x", 0, 1, 5).FindGeneric(_folder.Path));
    }

    [Fact]
    public void A_request_to_the_kernel_is_laid_out_as_rtnetlink_has_it()
    {
        byte[] bytes = new NetlinkMessage(16, 0x400).Link(0, 3).Attribute(3, "ab").Nest(18, inside => inside.Attribute(1, [9])).ToArray(5);
        Assert.Equal(
            "34000000" + "1000" + "0504" + "05000000" + "00000000" + "00000000" + "03000000" + "00000000" + "00000000"
                + "07000300" + "61620000" + "0C001280" + "05000100" + "09000000",
            Convert.ToHexString(bytes));
        Assert.Equal([9], Netlink.Find(Netlink.Find(bytes.AsSpan(32), 18), 1).ToArray());
        Assert.Equal([], Netlink.Find(bytes.AsSpan(32), 40).ToArray());
        Assert.Equal([], Netlink.Find([255, 255, 3, 0], 3).ToArray());
    }

    private HostPciDevice Pci() => new(new HostPciAddress(0, 3, 0, 1), _folder.Path);

    private void Device() => Directory.CreateDirectory(_folder.File($"bus/pci/devices/{Address}"));

    private void Link(string link, string target)
    {
        Directory.CreateDirectory(_folder.File(target));
        Directory.CreateSymbolicLink(_folder.File(link), _folder.File(target));
    }

    private void Usb(string name, string vendor, string product, int bus, int device)
    {
        string folder = _folder.File("bus/usb/devices/" + name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "idVendor"), vendor + "\n");
        File.WriteAllText(Path.Combine(folder, "idProduct"), product + "\n");
        File.WriteAllText(Path.Combine(folder, "busnum"), $"{bus}\n");
        File.WriteAllText(Path.Combine(folder, "devnum"), $"{device}\n");
    }

    private string Read(string path) => File.ReadAllText(_folder.File(path));
}
