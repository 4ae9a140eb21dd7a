using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>What a disk may grow to.</summary>
internal static class DiskSize
{
    /// <summary>The size of a sector, in bytes.</summary>
    public const int Sector = 512;

    /// <summary>Throws <see cref="VirtErrorCode.InvalidArgument"/> for a size that is no whole number of sectors or less than now.</summary>
    /// <param name="target">The disk.</param>
    /// <param name="capacity">The size wanted, in bytes.</param>
    /// <param name="current">The size now; null when it is not known yet.</param>
    public static void Check(string target, long capacity, long? current)
    {
        if (capacity <= 0 || capacity % Sector != 0)
            throw Invalid(target, $"{capacity} bytes are no size of a disk: it is a whole number of sectors of {Sector} bytes", "Round it up.");
        if (capacity < current)
        {
            throw Invalid(
                target, $"the disk '{target}' has {SizeWords.Format(current.Value)}; it cannot shrink to {SizeWords.Format(capacity)}",
                "Shrinking would cut off what the guest stored there. Make a smaller disk and copy instead.");
        }
    }

    private static VirtException Invalid(string target, string message, string action) =>
        new(VirtErrorCode.InvalidArgument, message, target, action);
}
