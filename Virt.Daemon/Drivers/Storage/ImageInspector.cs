using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Reads what disk images are, and makes them larger.</summary>
internal static class ImageInspector
{
    private const int MaximumDepth = 64;
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ResizeLimit = TimeSpan.FromMinutes(5);

    /// <summary>Reads an image with its backing chain. A running guest may have it open.</summary>
    /// <param name="path">Its absolute path: a file or a block device.</param>
    /// <param name="format">Its format, as <c>qcow2</c>; null to find out, which is not safe for what a guest may have written.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoStorageVolume"/> when it is missing.</exception>
    public static async ValueTask<ImageRecord> ReadAsync(string path, string? format, CancellationToken cancel)
    {
        string image = ImagePath.Check(path);
        if (!File.Exists(image))
            throw Missing(image);
        string[] how = format is null ? [] : ["-f", format];
        string report = await ImageTool.RunAsync(
            ["info", "--output=json", "--backing-chain", "-U", .. how, "--", image], ReadLimit, cancel).ConfigureAwait(false);
        return ImageReport.Parse(report, image, MaximumDepth);
    }

    /// <summary>Gives an image that nothing has open another size.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="format">Its format.</param>
    /// <param name="capacity">The size the guest shall see, in bytes.</param>
    /// <param name="shrink">Whether it may become smaller, which loses what is beyond.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async ValueTask ResizeAsync(string path, string format, long capacity, bool shrink, CancellationToken cancel)
    {
        string image = ImagePath.Check(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        if (!File.Exists(image))
            throw Missing(image);
        string[] how = shrink ? ["--shrink"] : [];
        await ImageTool.RunAsync(
            ["resize", "-q", "-f", format, .. how, "--", image, capacity.ToString(System.Globalization.CultureInfo.InvariantCulture)],
            ResizeLimit, cancel).ConfigureAwait(false);
    }

    /// <summary>The error for an image that is not there.</summary>
    internal static VirtException Missing(string path) => VirtException.Create(
        VirtErrorCode.NoStorageVolume, $"there is no image '{path}'", path, "Check the path; it is one of the host.");
}
