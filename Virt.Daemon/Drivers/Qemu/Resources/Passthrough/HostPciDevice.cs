using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Passthrough;

/// <summary>A PCI device of the host, as sysfs shows it.</summary>
/// <param name="address">Where it is.</param>
/// <param name="sysfs">The root of sysfs.</param>
internal sealed class HostPciDevice(HostPciAddress address, string sysfs = HostPciDevice.Sysfs)
{
    /// <summary>Where sysfs is.</summary>
    public const string Sysfs = "/sys";

    private const string Vfio = "vfio-pci";

    /// <summary>Whether the host has it.</summary>
    public bool Exists => Directory.Exists(Folder);

    /// <summary>Whether it is a PCI Express device; what is not there is taken for one.</summary>
    public bool IsExpress => !Exists || File.Exists(Path.Combine(Folder, "max_link_speed"));

    /// <summary>The name of its driver; null when it has none.</summary>
    public string? Driver => LinkName("driver");

    /// <summary>The number of its IOMMU group; null when the host has no IOMMU for it.</summary>
    public string? Group => LinkName("iommu_group");

    private string Folder => Path.Combine(sysfs, "bus/pci/devices", address.ToString());

    /// <summary>The interface of the card whose virtual function it is, and which one of its functions; null when it is
    /// none.</summary>
    public (string Card, int Function)? VirtualFunction()
    {
        string physical = Path.Combine(Folder, "physfn");
        string net = Path.Combine(physical, "net");
        if (!Directory.Exists(net) || Directory.EnumerateDirectories(net).FirstOrDefault() is not { } card)
            return null;
        for (int function = 0; Directory.Exists(Path.Combine(physical, $"virtfn{function}")); function++)
        {
            if (Path.GetFileName(Directory.ResolveLinkTarget(Path.Combine(physical, $"virtfn{function}"), true)?.FullName) == address.ToString())
                return (Path.GetFileName(card), function);
        }

        return null;
    }

    /// <summary>Throws unless a guest can have it.</summary>
    public void Check(string device)
    {
        if (!Exists)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"the host has no PCI device {address}, which the {device} asks for", address.ToString(), "lspci -D lists them.");
        }

        if (Group is null)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"the PCI device {address} is behind no IOMMU: a guest cannot have it", address.ToString(),
                "Turn the IOMMU on in the firmware and the kernel (intel_iommu=on, amd_iommu=on).");
        }
    }

    /// <summary>Whether the driver that gives it to guests holds it.</summary>
    public bool IsBound => Driver == Vfio;

    /// <summary>Takes it from its driver and gives it to the one for guests.</summary>
    public void Bind()
    {
        Write(Path.Combine(Folder, "driver_override"), Vfio);
        Unbind();
        Write(Path.Combine(sysfs, "bus/pci/drivers_probe"), address.ToString());
        if (!IsBound)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"the driver {Vfio} does not take the PCI device {address}", address.ToString(), $"modprobe {Vfio}, and see the kernel's log.");
        }
    }

    /// <summary>Gives it back to the driver that the kernel chooses.</summary>
    public void Release()
    {
        if (!Exists)
            return;
        Write(Path.Combine(Folder, "driver_override"), "\n");
        if (IsBound)
            Unbind();
        Write(Path.Combine(sysfs, "bus/pci/drivers_probe"), address.ToString());
    }

    private void Unbind()
    {
        string driver = Path.Combine(Folder, "driver");
        if (Directory.Exists(driver))
            Write(Path.Combine(driver, "unbind"), address.ToString());
    }

    private string? LinkName(string link) =>
        Directory.Exists(Path.Combine(Folder, link)) ? Path.GetFileName(Directory.ResolveLinkTarget(Path.Combine(Folder, link), true)?.FullName) : null;

    private void Write(string path, string value)
    {
        try
        {
            File.WriteAllText(path, value);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the driver of the PCI device {address} cannot be changed: {failure.Message}", address.ToString(),
                "Run virtd as root, and load the module vfio-pci.", failure);
        }
    }
}
