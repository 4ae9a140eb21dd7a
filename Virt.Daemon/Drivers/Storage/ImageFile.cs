using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>An image that is open to be read: a file or a block device, and nothing else.</summary>
internal sealed class ImageFile : IDisposable
{
    private readonly SafeFileHandle _file;

    private readonly bool _canRemember;

    private ImageFile(SafeFileHandle file, HostPath found, string path)
    {
        // A device forgets with the next start of the host. Behind somebody's link may be another's image, which is not that user's to note.
        (_file, _canRemember, Path) = (file, found is { Status.Kind: FileKind.File, Linkers.Count: 0 }, path);
        Space = FileSpace.Of(file);
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>How much it holds.</summary>
    public FileSpace Space { get; }

    /// <summary>What virtd has noted of it; null when nothing.</summary>
    public ImageNote? Note => ImageNote.Read(_file);

    /// <summary>Opens it.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="rule">Whose links are followed.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoStorageVolume"/> when it is missing, <see
    /// cref="VirtErrorCode.OperationFailed"/> when it is no image or cannot be opened.</exception>
    public static ImageFile Open(string path, LinkRule rule = LinkRule.Trusted)
    {
        try
        {
            using HostPath found = HostPath.Find(path, rule) ?? throw ImageInspector.Missing(path);
            if (found.Status.Kind is not (FileKind.File or FileKind.BlockDevice) and var kind)
                throw new VirtException(VirtErrorCode.OperationFailed, $"'{path}' is {FileErrors.Name(kind)} and no image", path);
            SafeFileHandle file = OpenCalls.TryReopen(found.File, OpenCalls.ReadOnly | OpenCalls.NonBlocking, out int error) ?? throw FileErrors.Of(error, path);
            return new ImageFile(file, found, path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.OperationFailed, $"the image '{path}' cannot be read: {unreadable.Message}", path, "Look at the path and the rights on it.", unreadable);
        }
    }

    /// <summary>Reads its head as a format.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when it is none of that format.</exception>
    public ImageHead ReadHead(string format)
    {
        try
        {
            return ImageHead.Read(format, Space.Length, ReadAt);
        }
        catch (VirtException damaged) when (damaged.Target is null)
        {
            throw new VirtException(damaged.Code, $"the image '{Path}' cannot be read as {format}: {damaged.Message}", Path, "Check which format it has.", damaged);
        }
    }

    /// <summary>The format that its first bytes look like.</summary>
    public string Look() => ImageFormats.Look(ReadAt(0, ImageFormats.HeadLength));

    /// <summary>Notes what it is; false where that cannot be kept.</summary>
    public bool Remember(ImageNote note) => _canRemember && note.Write(_file);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private byte[] ReadAt(long offset, int count)
    {
        var bytes = new byte[count];
        int filled = 0;
        try
        {
            while (filled < count && RandomAccess.Read(_file, bytes.AsSpan(filled), offset + filled) is > 0 and var read)
                filled += read;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.OperationFailed, $"the image '{Path}' cannot be read: {failed.Message}", Path, "Look at the storage it lies on.", failed);
        }

        return filled == count ? bytes : bytes[..filled];
    }
}
