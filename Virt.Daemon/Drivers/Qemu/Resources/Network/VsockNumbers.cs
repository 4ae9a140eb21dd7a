using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>The numbers of guests on vsock(7), which the kernel gives to descriptors of vhost-vsock.</summary>
internal static unsafe partial class VsockNumbers
{
    /// <summary>The kernel's device.</summary>
    public const string Device = "/dev/vhost-vsock";

    /// <summary>The first number that a guest may have.</summary>
    public const uint First = 3;

    private const uint SetGuestNumber = 0x4008af60;
    private const int InUse = 98;
    private const uint Tried = 10_000;

    /// <summary>Opens the device for a guest.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when another guest has the number.</exception>
    public static SafeHandle Open(uint number)
    {
        SafeFileHandle device = TapInterface.OpenDevice(Device);
        int error = TrySet(device, number);
        if (error == 0)
            return device;
        device.Dispose();
        throw error == InUse
            ? new VirtException(
                VirtErrorCode.OperationFailed, $"the vsock number {number} is another guest's", Device, "Give another, or auto='yes'.")
            : LibC.Error(error, $"the vsock number {number} cannot be had", Device);
    }

    /// <summary>A number that no guest has.</summary>
    /// <param name="preferred">The one to try first; null for the lowest.</param>
    public static uint FindFree(uint? preferred)
    {
        using SafeFileHandle device = TapInterface.OpenDevice(Device);
        if (preferred is { } wanted && TrySet(device, wanted) == 0)
            return wanted;
        for (uint number = First; number < First + Tried; number++)
        {
            if (TrySet(device, number) is var error && error == 0)
                return number;
            if (error != InUse)
                throw LibC.Error(error, "a vsock number cannot be had", Device);
        }

        throw new VirtException(VirtErrorCode.OperationFailed, $"{Tried} vsock numbers are taken", Device);
    }

    private static int TrySet(SafeFileHandle device, uint number)
    {
        ulong value = number;
        return Control(device, SetGuestNumber, &value) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    [LibraryImport(LibC.Name, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeHandle fd, nuint request, ulong* argument);
}
