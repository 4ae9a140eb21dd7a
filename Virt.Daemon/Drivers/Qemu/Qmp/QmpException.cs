using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>QEMU refused a command.</summary>
/// <param name="command">The command.</param>
/// <param name="errorClass">QEMU's error class, as <c>GenericError</c>.</param>
/// <param name="description">QEMU's words.</param>
internal sealed class QmpException(string command, string errorClass, string description)
    : VirtException(VirtErrorCode.InternalError, $"QEMU refused '{command}': {description}")
{
    /// <summary>QEMU's error class: <c>GenericError</c>, <c>CommandNotFound</c>, <c>DeviceNotFound</c>, ...</summary>
    public string ErrorClass => errorClass;

    /// <summary>QEMU's words.</summary>
    public string Description => description;
}
