using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Storage.Iso;
using Virt.Daemon.Hosting;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>
/// Seeds of cloud-init's NoCloud data source (its documentation, "NoCloud"): an ISO 9660 image named <c>cidata</c> with the files
/// user-data, meta-data, and possibly network-config and vendor-data. Only the daemon's user may read it: it can hold passwords.
/// </summary>
internal static class CloudInitImage
{
    private const string Label = "cidata";
    private const int MaximumCharacters = 8 << 20;

    /// <summary>Writes a seed, in the place of an older seed; anything else that is there stays.</summary>
    public static void Write(string path, CloudInitSeed seed)
    {
        List<IsoFile> files = [File("user-data", seed.UserData), File("meta-data", seed.MetaData)];
        if (seed.NetworkConfig is { } network)
            files.Add(File("network-config", network));
        if (seed.VendorData is { } vendor)
            files.Add(File("vendor-data", vendor));
        if (HostPath.TryOpen(path) is { } there)
        {
            there.Dispose();
            if (!IsSeed(path))
                throw Taken(path);
        }

        DurableFile.Write(path, IsoImage.Write(Label, files, DateTime.UtcNow));
    }

    private static VirtException Taken(string path) =>
        new(VirtErrorCode.StorageVolumeExists, $"'{path}' is there and is not a cloud-init seed", path, "Take another name.");

    private static IsoFile File(string name, string content) => content.Length <= MaximumCharacters
        ? new IsoFile(name, Encoding.UTF8.GetBytes(content))
        : throw new VirtException(
            VirtErrorCode.InvalidArgument, $"{name} has {content.Length} characters, more than the {MaximumCharacters} a seed holds", name);

    private static bool IsSeed(string path)
    {
        try
        {
            using SafeFileHandle file = HostFile.OpenRead(path);
            var begin = new byte[17 * IsoImage.SectorSize];
            return RandomAccess.Read(file, begin, 0) == begin.Length && IsoImage.ReadLabel(begin) == Label;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
