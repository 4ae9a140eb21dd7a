using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>How long a call waits for a guest to let go of a device.</summary>
internal static class DeviceTimeout
{
    private static readonly TimeSpan Maximum = TimeSpan.FromHours(1);

    /// <summary>Throws <see cref="VirtErrorCode.InvalidArgument"/> for a time that no call waits.</summary>
    public static void Check(TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero || timeout > Maximum)
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"a time-out of {timeout.TotalSeconds:0.###} s is not one",
                recommendedAction: $"Give 0 to {Maximum.TotalSeconds:0} seconds.");
        }
    }
}
