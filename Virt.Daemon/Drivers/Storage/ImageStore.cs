using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Makes and deletes disk images.</summary>
internal sealed class ImageStore
{
    private const UnixFileMode Reachable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const string Unfinished = ".part";
    private static readonly TimeSpan CreateLimit = TimeSpan.FromMinutes(2);

    /// <summary>Images in a folder, which is made.</summary>
    public ImageStore(string folder)
    {
        Folder = folder;
        try
        {
            Directory.CreateDirectory(folder, Reachable);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the folder '{folder}' cannot be made: {denied.Message}", folder, "Look at the rights there, and at what lies in its place.", denied);
        }

        foreach (string rubbish in Directory.EnumerateFiles(folder, ".*" + Unfinished))
            DurableFile.TryDelete(rubbish);
    }

    /// <summary>The images folder.</summary>
    public string Folder { get; }

    /// <summary>The path of a name.</summary>
    public string PathOf(string name) => ImagePath.Resolve(name, Folder);

    /// <summary>Makes an image. What is there is never overwritten, not even by one that is made at the same time.</summary>
    public async ValueTask<ImageRecord> CreateAsync(ImageRequest request, CancellationToken cancel)
    {
        string path = PathOf(request.Name);
        Check(request, path);
        string parent = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
            throw new VirtException(VirtErrorCode.SystemError, $"there is no folder '{parent}'", parent, "Make it first, or give a name only.");
        if (Path.Exists(path))
            throw Exists(path);
        string[] backing = request.Backing is null ? [] : await BackingAsync(request, cancel).ConfigureAwait(false);
        string[] size = request.Capacity > 0 ? [request.Capacity.ToString(CultureInfo.InvariantCulture)] : [];
        string unfinished = Path.Combine(parent, $".{Guid.NewGuid():N}{Unfinished}");
        try
        {
            await ImageTool.RunAsync(["create", "-q", "-f", request.Format, .. backing, "--", unfinished, .. size], CreateLimit, cancel).ConfigureAwait(false);
            File.SetUnixFileMode(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            using (SafeFileHandle made = HostFile.OpenRead(unfinished))
                RandomAccess.FlushToDisk(made);
            File.Move(unfinished, path, overwrite: false);
            Folders.Flush(parent);
        }
        catch (IOException) when (Path.Exists(path))
        {
            throw Exists(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"cannot make '{path}': {failed.Message}", path, "Look at the space and the permissions there.", failed);
        }
        finally
        {
            DurableFile.TryDelete(unfinished);
        }

        return await ImageInspector.ReadAsync(path, request.Format, cancel).ConfigureAwait(false);
    }

    /// <summary>Deletes an image of the images folder that nothing uses.</summary>
    /// <param name="name">Its name or path.</param>
    /// <param name="users">Names the domain that uses an image; null when none does.</param>
    public void Delete(string name, Func<string, string?> users)
    {
        string path = PathOf(name);
        if (!path.StartsWith(Folder + "/", StringComparison.Ordinal))
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"'{path}' is not in the images folder '{Folder}'", path, "Delete it on the host itself.");
        }

        if (!File.Exists(path))
            throw ImageInspector.Missing(path);
        if (users(path) is { } domain)
            throw VirtException.Create(VirtErrorCode.OperationInvalid, $"the image '{path}' is used by the domain '{domain}'", path, "Remove the disk from the domain first.");
        if (Directory.EnumerateFiles(Folder).FirstOrDefault(other => QcowHeader.ReadBacking(other) == path) is { } overlay)
            throw VirtException.Create(VirtErrorCode.OperationInvalid, $"the image '{overlay}' is based on '{path}'", path, "Delete that image first.");
        try
        {
            File.Delete(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.SystemError, $"cannot delete '{path}': {failed.Message}", path, innerException: failed);
        }
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
        if (request.Capacity < 0 || (request.Capacity == 0 && request.Backing is null))
            throw new VirtException(VirtErrorCode.InvalidArgument, $"{request.Capacity} is not the size of an image", path, "Give a size in bytes.");
    }

    private static async ValueTask<string[]> BackingAsync(ImageRequest request, CancellationToken cancel)
    {
        ImageRecord below = await ImageInspector.ReadAsync(request.Backing!, request.BackingFormat, cancel).ConfigureAwait(false);
        return ["-F", below.Format, "-b", below.Path];
    }

    private static VirtException Exists(string path) =>
        new(VirtErrorCode.StorageVolumeExists, $"'{path}' is there already", path, "Take another name, or delete the image first.");
}
