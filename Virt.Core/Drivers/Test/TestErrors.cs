using Virt.Errors;

namespace Virt.Drivers.Test;

/// <summary>The errors of the test driver, with the codes libvirt's QEMU driver gives in the same place.</summary>
internal static class TestErrors
{
    public static VirtException NoDomain(string what) => VirtException.Create(
        VirtErrorCode.NoDomain, $"no domain with {what}", what, "Get-VirtDomain -All lists the domains.");

    public static VirtException NotActive(string name) => VirtException.Create(
        VirtErrorCode.OperationInvalid, $"the domain '{name}' is not active", name, "Start it first.");

    public static VirtException NotRunning(string name, string state) => VirtException.Create(
        VirtErrorCode.OperationInvalid, $"the domain '{name}' is not running but {state}", name, "Resume it first, or turn it off.");

    public static VirtException AlreadyActive(string name) => VirtException.Create(
        VirtErrorCode.OperationInvalid, $"the domain '{name}' is active already", name, "Stop it first.");

    public static VirtException Transient(string name, string what) => VirtException.Create(
        VirtErrorCode.OperationInvalid, $"the domain '{name}' is transient: {what}", name, "Define it first, to make it persistent.");

    public static VirtException Invalid(string name, string message, string action) =>
        VirtException.Create(VirtErrorCode.OperationInvalid, message, name, action);

    public static VirtException NameTaken(string name, Guid uuid) => VirtException.Create(
        VirtErrorCode.OperationFailed, $"a domain '{name}' exists already, with the uuid {uuid}", name,
        "Take another name, or give the uuid of that domain to redefine it.");

    public static VirtException UuidTaken(string name, Guid uuid) => VirtException.Create(
        VirtErrorCode.OperationFailed, $"the uuid {uuid} exists already: it is the domain '{name}'", name,
        "Leave the uuid out to have a new one made, or take that domain's name to redefine it.");

    public static VirtException UnknownFlags(string what, int bits) => VirtException.Create(
        VirtErrorCode.InvalidArgument, $"unknown {what}: 0x{bits:x}", null, "Use the values that this version of Virt knows.");
}
