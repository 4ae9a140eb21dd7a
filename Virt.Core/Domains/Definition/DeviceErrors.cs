using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>The errors of calls that change a device, with the codes libvirt gives in the same place.</summary>
internal static class DeviceErrors
{
    private const string List = "Get-VirtDevice lists the devices of a domain.";

    /// <summary>No such device to take out.</summary>
    public static VirtException Missing(string domain, XElement told, bool live) => VirtException.Create(
        VirtErrorCode.DeviceMissing, $"{Where(domain, live)} has no {DeviceElement.Describe(told)}", domain, List);

    /// <summary>No such device to change.</summary>
    public static VirtException NothingToUpdate(string domain, XElement told, bool live) => VirtException.Create(
        VirtErrorCode.InternalError, $"{Where(domain, live)} has no {DeviceElement.Describe(told)} to change", domain, List);

    /// <summary>Throws when the name of a new device is taken.</summary>
    public static void CheckFree(string domain, XElement devices, XElement added, bool live)
    {
        if (DeviceIdentity.UniqueName(added) is not { } name || !devices.Elements(added.Name).Any(other => DeviceIdentity.UniqueName(other) == name))
            return;
        throw VirtException.Create(
            live ? VirtErrorCode.XmlError : VirtErrorCode.OperationInvalid, $"{Where(domain, live)} has a {DeviceElement.Describe(added)} already",
            domain, "Give the device another name, or change the one that is there.");
    }

    /// <summary>Throws when other devices of a guest sit on the one that is to be taken out.</summary>
    public static void CheckUnused(string domain, XElement devices, XElement controller)
    {
        if (controller.Name.LocalName != "controller" || (string?)controller.Attribute("index") is not { } index)
            return;
        (string type, string number, string? bus) = (string?)controller.Attribute("type") switch
        {
            "usb" => ("usb", "bus", null),
            "virtio-serial" => ("virtio-serial", "controller", null),
            var kind => ("drive", "controller", kind),
        };
        XElement? user = devices.Elements().FirstOrDefault(device => device != controller
            && DeviceElement.Attribute(device, "address", "type") == type && DeviceElement.Attribute(device, "address", number) == index
            && (bus is null || (DeviceElement.Attribute(device, "target", "bus") ?? bus) == bus));
        if (user is not null)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"the {DeviceElement.Describe(controller)} is in use by the {DeviceElement.Describe(user)}", domain,
                "Take out the devices that are on it first.");
        }
    }

    /// <summary>Throws when a running guest would have to change what is fixed until its end.</summary>
    public static void CheckChangeable(string domain, XElement device, XElement wanted)
    {
        if (DeviceDifference.Fixed(device, wanted) is not { Count: > 0 } fields)
            return;
        string named = string.Join(", ", fields.Select(field => $"'{field.TrimStart('@')}'"));
        throw NotLive(
            domain, $"the {DeviceElement.Describe(device)} of the running domain '{domain}' cannot change {named}",
            "Change the definition with the scope Config: it takes effect with the next start.");
    }

    /// <summary>A running guest cannot do it.</summary>
    public static VirtException NotLive(string domain, string message, string action) =>
        VirtException.Create(VirtErrorCode.OperationUnsupported, message, domain, action);

    /// <summary>The guest kept a device.</summary>
    public static VirtException Kept(string domain, XElement device, TimeSpan timeout) => VirtException.Create(
        VirtErrorCode.OperationTimeout,
        $"the guest of domain '{domain}' has not let go of the {DeviceElement.Describe(device)} within {timeout.TotalSeconds:0.###} s; it may still do so",
        domain, "The guest's system must be up and not use the device: unmount the disk, then try again or wait for it.");

    private static string Where(string domain, bool live) =>
        live ? $"the running domain '{domain}'" : $"the definition of domain '{domain}'";
}
