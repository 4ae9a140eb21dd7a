using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Makes and deletes disk images, each in a folder that is held by its descriptor.</summary>
internal sealed class ImageStore
{
    private const UnixFileMode Reachable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const string Unfinished = ".part";

    /// <summary>Images in folders; the images folder is made.</summary>
    public ImageStore(StorageFolders folders)
    {
        Folders = folders;
        try
        {
            Files.Folders.Make(Folder, Reachable);
            foreach (string rubbish in Files.Folders.List(Folder, Unfinished).Where(path => Path.GetFileName(path)[0] == '.'))
                DurableFile.TryDelete(rubbish);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the folder '{Folder}' cannot be made: {denied.Message}", Folder, "Look at the rights there, and at what lies in its place.", denied);
        }
    }

    /// <summary>Where images may be.</summary>
    public StorageFolders Folders { get; }

    /// <summary>The images folder.</summary>
    public string Folder => Folders.Images;

    /// <summary>The path of a name that a client gives.</summary>
    /// <exception cref="VirtException">It is no name of an image, or not in a folder for images.</exception>
    public string PathOf(string name)
    {
        string path = ImagePath.Resolve(name, Folder);
        Folders.Demand(path);
        return path;
    }

    /// <summary>Makes an image. What is there is never overwritten, not even by one that is made at the same time.</summary>
    public async ValueTask<ImageRecord> CreateAsync(ImageRequest request, CancellationToken cancel)
    {
        string path = PathOf(request.Name);
        Check(request, path);
        if (request.Backing is { } backing)
            Folders.Demand(ImagePath.Check(backing));
        await ImageInspector.RunAsync(path, () => Make(path, request), cancel).ConfigureAwait(false);
        return await ImageInspector.ReadAsync(path, request.Format, cancel, Folders.Allows).ConfigureAwait(false);
    }

    /// <summary>Deletes an image that nothing uses.</summary>
    /// <param name="name">Its name or path.</param>
    /// <param name="users">Names the domain that uses an image; null when none does.</param>
    public void Delete(string name, Func<string, string?> users)
    {
        string path = ImagePath.Resolve(name, Folder);
        if (!Folders.Has(path))
            throw new VirtException(VirtErrorCode.InvalidArgument, $"'{path}' is not in a folder for images", path, "Delete it on the host itself.");
        try
        {
            using HostFolder folder = HostFolder.OpenParent(path, out string file);
            if (folder.Find(file) is not { Kind: FileKind.File })
                throw ImageInspector.Missing(path);
            if (users(path) is { } domain)
                throw VirtException.Create(VirtErrorCode.OperationInvalid, $"the image '{path}' is used by the domain '{domain}'", path, "Remove the disk from the domain first.");
            if (folder.List().FirstOrDefault(other => ImageBacking.Of(folder.PathOf(other)) == path) is { } overlay)
                throw VirtException.Create(VirtErrorCode.OperationInvalid, $"the image '{folder.PathOf(overlay)}' is based on '{path}'", path, "Delete that image first.");
            folder.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            throw ImageInspector.Missing(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.SystemError, $"cannot delete '{path}': {failed.Message}", path, innerException: failed);
        }
    }

    private static bool Make(string path, ImageRequest request)
    {
        try
        {
            using HostFolder folder = HostFolder.OpenParent(path, out string name);
            if (folder.Find(name) is not null)
                throw Exists(path);
            (ImageNote note, long capacity) = Plan(request);
            string unfinished = $".{Guid.NewGuid():N}{Unfinished}";
            try
            {
                using (SafeFileHandle file = folder.Create(unfinished))
                {
                    if (request.Format == "raw")
                        RandomAccess.SetLength(file, capacity);
                    else
                        QcowImage.Write(file, capacity, note.Backing, note.BackingFormat);
                    note.Write(file);
                    HostFile.Flush(file, path);
                }

                folder.Rename(unfinished, folder, name, replace: false);
                folder.Flush();
                return true;
            }
            catch
            {
                DurableFile.TryDelete(folder.PathOf(unfinished));
                throw;
            }
        }
        catch (IOException there) when (there.HResult == FileErrors.Exists)
        {
            throw Exists(path);
        }
        catch (DirectoryNotFoundException)
        {
            string parent = Path.GetDirectoryName(path)!;
            throw new VirtException(VirtErrorCode.SystemError, $"there is no folder '{parent}'", parent, "Make it first, or give a name only.");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"cannot make '{path}': {failed.Message}", path, "Look at the space and the permissions there.", failed);
        }
    }

    // What is below is used as it was told or noted. What its first bytes look like is no reason: a guest may have written them.
    private static (ImageNote Note, long Capacity) Plan(ImageRequest request)
    {
        if (request.Backing is not { } path)
            return (new ImageNote(request.Format), request.Capacity);
        using ImageFile below = ImageFile.Open(path);
        string format = request.BackingFormat ?? below.Note?.Format ?? "raw";
        below.Note?.Demand(format, path);
        if (request.BackingFormat is null && below.Note is null && below.Look() is not "raw" and var looks)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, $"which format the image '{path}' has is not known", path,
                $"Say it: BackingFormat = 'raw', or '{looks}', which its first bytes look like; a guest that had it as a raw disk may have written these.");
        }

        long capacity = request.Capacity > 0 ? request.Capacity : below.ReadHead(format).Capacity ?? throw new VirtException(
            VirtErrorCode.InvalidArgument, $"what size the image '{path}' of format {format} has is not known", path, "Say the size.");
        return (new ImageNote(request.Format, path, format), capacity);
    }

    private static void Check(ImageRequest request, string path)
    {
        if (request.Format is not ("raw" or "qcow2"))
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported, $"an image of format '{request.Format}' cannot be made", request.Format, "Use raw or qcow2.");
        }

        if (request.Backing is not null && request.Format != "qcow2")
            throw new VirtException(VirtErrorCode.InvalidArgument, "only an image of format qcow2 can have a backing image", path, "Use qcow2.");
        if (request.BackingFormat is { } format && (format.Length is 0 or > 32 || !format.All(char.IsAsciiLetterOrDigit)))
            throw new VirtException(VirtErrorCode.InvalidArgument, $"'{format}' is not a format of images", path, "Use raw, qcow2, or another of QEMU's.");
        if (request.Capacity < 0 || (request.Capacity == 0 && request.Backing is null))
            throw new VirtException(VirtErrorCode.InvalidArgument, $"{request.Capacity} is not the size of an image", path, "Give a size in bytes.");
    }

    private static VirtException Exists(string path) =>
        new(VirtErrorCode.StorageVolumeExists, $"'{path}' is there already", path, "Take another name, or delete the image first.");
}
