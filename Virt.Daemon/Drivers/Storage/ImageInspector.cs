using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Reads what disk images are. No program is run for it, and no more is read than their heads.</summary>
internal static class ImageInspector
{
    private const int AtOnce = 8;
    private const int MaximumDepth = 64;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Storage that does not answer holds these threads and no others.
    private static readonly SemaphoreSlim Room = new(AtOnce);

    /// <summary>Reads an image. A running guest may have it open.</summary>
    /// <param name="path">Its absolute path: a file or a block device.</param>
    /// <param name="format">Its format, as <c>qcow2</c>; null for what virtd has noted, or else what its first bytes look like, which is for
    /// people only.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="chain">Whether an image below it may be looked at; null for none.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoStorageVolume"/> when it is missing.</exception>
    public static Task<ImageRecord> ReadAsync(string path, string? format, CancellationToken cancel, Predicate<string>? chain = null)
    {
        string image = ImagePath.Check(path);
        return RunAsync(image, () => Read(image, format, chain ?? (_ => false)), cancel);
    }

    /// <summary>Does something with the head of an image, away from the threads that serve clients.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationTimeout"/> when its storage does not answer.</exception>
    public static async Task<T> RunAsync<T>(string path, Func<T> read, CancellationToken cancel)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(Limit);
        try
        {
            await Room.WaitAsync(time.Token).ConfigureAwait(false);
            Task<T> reading = Task.Run(read, CancellationToken.None);
            _ = reading.ContinueWith(_ => Room.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return await reading.WaitAsync(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new VirtException(
                VirtErrorCode.OperationTimeout, $"the image '{path}' could not be read within {Limit.TotalSeconds} s", path, "Look at the storage it lies on.");
        }
    }

    /// <summary>Does something with an image, as <see cref="RunAsync{T}"/>.</summary>
    public static Task RunAsync(string path, Action work, CancellationToken cancel) => RunAsync(
        path,
        () =>
        {
            work();
            return true;
        },
        cancel);

    /// <summary>The error for an image that is not there.</summary>
    internal static VirtException Missing(string path) => VirtException.Create(
        VirtErrorCode.NoStorageVolume, $"there is no image '{path}'", path, "Check the path; it is one of the host.");

    private static ImageRecord Read(string path, string? format, Predicate<string> chain)
    {
        using ImageFile file = ImageFile.Open(path);
        string known = format ?? file.Note?.Format ?? file.Look();
        ImageHead head = file.ReadHead(known);
        long capacity = head.Capacity ?? throw new VirtException(
            VirtErrorCode.OperationUnsupported, $"what size the image '{path}' of format {known} has is not told by its first bytes", path, "Ask qemu-img info on the host.");
        return new ImageRecord(path, known, capacity, file.Space.Allocated, head.Encrypted, Below(file, head, chain));
    }

    // Each names the one below it, and is followed as far as virtd has noted the same: else whoever wrote the image would choose what is
    // opened here.
    private static List<ImageLayer> Below(ImageFile top, ImageHead head, Predicate<string> chain)
    {
        var layers = new List<ImageLayer>();
        ImageFile file = top;
        try
        {
            while (head.Backing is { } name && layers.Count < MaximumDepth)
            {
                var layer = new ImageLayer(ImagePath.Beside(file.Path, name), head.BackingFormat);
                layers.Add(layer);
                if (file.Note is not { Backing: { } noted, BackingFormat: { } format } || (noted, format) != (layer.Path, layer.Format) || !chain(noted))
                    break;
                ImageFile below = ImageFile.Open(noted);
                if (file != top)
                    file.Dispose();
                file = below;
                head = file.ReadHead(format);
            }
        }
        catch (VirtException)
        {
            // What is further down cannot be told.
        }
        finally
        {
            if (file != top)
                file.Dispose();
        }

        return layers;
    }
}
