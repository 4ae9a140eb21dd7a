using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Storage;

namespace Virt.PowerShell;

/// <summary>The images that are made for a domain, so that they can be taken back.</summary>
internal sealed class MadeStorage(VirtCommand command, VirtHost host)
{
    private readonly List<string> _made = [];

    /// <summary>The image that was made last; null when none was.</summary>
    public ImageRecord? Newest { get; private set; }

    /// <summary>The disks with their images: those to be made are made, those that are there are looked at.</summary>
    public async Task<IReadOnlyList<DiskSpecification>> ProvideAsync(
        IReadOnlyList<DiskSpecification> disks, string domain, CancellationToken cancel)
    {
        var provided = new List<DiskSpecification>(disks.Count);
        foreach ((DiskSpecification disk, ImageRequest? image) in ImagePlan.For(disks, domain))
        {
            if (image is null)
            {
                DiskSpecification found = await FindAsync(disk, cancel).ConfigureAwait(false);
                await CheckFormatAsync(found, cancel).ConfigureAwait(false);
                provided.Add(found);
                continue;
            }

            ImageRequest request = await WithBackingAsync(image, cancel).ConfigureAwait(false);
            ImageRecord made = await command.StorageAsync(
                host, $"CreateImage '{image.Name}'", (storage, token) => storage.CreateImageAsync(request, token), cancel)
                .ConfigureAwait(false);
            _made.Add(made.Path);
            Newest = made;
            provided.Add(disk with { Path = made.Path, Format = made.Format, Size = null, Backing = null, BackingFormat = null });
        }

        return provided;
    }

    /// <summary>The seed of cloud-init as a CD.</summary>
    public async Task<DiskSpecification> SeedAsync(CloudInitSeed seed, CancellationToken cancel)
    {
        ImageRecord made = await command.StorageAsync(
            host, $"CreateCloudInitSeed '{seed.Name}'", (storage, token) => storage.CreateCloudInitSeedAsync(seed, token), cancel)
            .ConfigureAwait(false);
        _made.Add(made.Path);
        return new DiskSpecification { Path = made.Path, Device = "cdrom", Format = "raw" };
    }

    /// <summary>Deletes what was made; what cannot be deleted is told.</summary>
    public async Task UndoAsync(CancellationToken cancel)
    {
        foreach (string path in Enumerable.Reverse(_made))
        {
            try
            {
                await command.DeleteImageAsync(host, path, cancel).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is VirtException or OperationCanceledException)
            {
                command.Warn($"The new image '{path}' is left on {host.Name}: {ErrorMap.Sentence(failure.Message)}");
            }
        }
    }

    // A name without a folder is a file in the host's images folder.
    private async Task<DiskSpecification> FindAsync(DiskSpecification disk, CancellationToken cancel)
    {
        if (disk.Path is not { } name || name.StartsWith('/') || DiskSourceXml.IsUrl(name))
            return disk;
        return disk with { Path = (await GetAsync(name, cancel).ConfigureAwait(false)).Path };
    }

    private async Task<ImageRequest> WithBackingAsync(ImageRequest image, CancellationToken cancel) =>
        image.Backing is { } backing && !backing.StartsWith('/')
            ? image with { Backing = (await GetAsync(backing, cancel).ConfigureAwait(false)).Path }
            : image;

    private Task<ImageRecord> GetAsync(string name, CancellationToken cancel) => command.StorageAsync(
        host, $"GetImage '{name}'", (storage, token) => storage.GetImageAsync(name, token), cancel);

    // A guest that may write to a raw image could make it look like a qcow2 one that names any file of the host as its base. So the
    // content never decides, but it tells of a mistake.
    private async Task CheckFormatAsync(DiskSpecification disk, CancellationToken cancel)
    {
        if (disk.Format is not null || disk.Device is not ("disk" or "lun") || disk.Path is not { } path || DiskSourceXml.IsUrl(path)
            || ImageFormat.OfName(path) is not null)
        {
            return;
        }

        ImageRecord image;
        try
        {
            image = await GetAsync(path, cancel).ConfigureAwait(false);
        }
        catch (VirtException)
        {
            // What is not there, or cannot be looked at, is told when the domain starts.
            return;
        }

        if (image.Format != "raw")
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument,
                $"the image '{path}' is {image.Format} by its content, but its name does not say so", path,
                $"Say which format it is: -Disk @{{ Path = '{path}'; Format = '{image.Format}' }}.");
        }
    }
}
