using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>driver</c> attributes that all virtio devices share.</summary>
/// <param name="IOMmu">DMA goes through the guest's IOMMU.</param>
/// <param name="AddressTranslation">The guest's IOMMU translates addresses on the device's request (ATS).</param>
/// <param name="Packed">Packed virtqueues.</param>
/// <param name="PagePerQueue">Each queue notifies through a page of its own.</param>
internal sealed record VirtioOptions(bool? IOMmu, bool? AddressTranslation, bool? Packed, bool? PagePerQueue)
{
    /// <summary>Reads the options; null when the device has no <c>driver</c>.</summary>
    public static VirtioOptions? Read(XElement device) => device.Element("driver") is { } driver
        ? new VirtioOptions(driver.Flag("iommu"), driver.Flag("ats"), driver.Flag("packed"), driver.Flag("page_per_vq"))
        : null;

    /// <summary>The QEMU device of a model: <c>virtio</c>, <c>virtio-transitional</c> or
    /// <c>virtio-non-transitional</c>.</summary>
    public static string Driver(string driver, string? model) => model switch
    {
        "virtio-transitional" => driver + "-transitional",
        "virtio-non-transitional" => driver + "-non-transitional",
        _ => driver,
    };
}

/// <summary>Writes <see cref="VirtioOptions"/>.</summary>
internal static class VirtioOptionsJson
{
    /// <summary>Adds the options.</summary>
    public static JsonObject WithVirtio(this JsonObject device, VirtioOptions? options) => options is null
        ? device
        : device.With("iommu_platform", options.IOMmu).With("ats", options.AddressTranslation).With("packed", options.Packed)
            .With("page-per-vq", options.PagePerQueue);
}
