using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>
/// The folders in which clients of the class storage make, look at and delete images: the images folder, and those that an administrator
/// names. Whoever is root on this host may name any path, as anywhere else on it.
/// </summary>
/// <param name="images">The images folder.</param>
/// <param name="named">What the administrator names, absolute paths.</param>
/// <param name="isRoot">Whether the call that is being served is root's; null for never.</param>
internal sealed class StorageFolders(string images, IReadOnlyList<string> named, Func<bool>? isRoot = null)
{
    /// <summary>The images folder.</summary>
    public string Images => images;

    /// <summary>Whether a path lies in one of them.</summary>
    public bool Has(string path) => named.Select(folder => folder.TrimEnd('/')).Prepend(images).Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>Whether the call that is being served may name a path.</summary>
    public bool Allows(string path) => Has(path) || isRoot?.Invoke() == true;

    /// <summary>Throws unless the call that is being served may name a path.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationDenied"/>; it tells nothing of the host's files.</exception>
    public void Demand(string path)
    {
        if (!Allows(path))
        {
            throw VirtException.Create(
                VirtErrorCode.OperationDenied, $"'{path}' is not in a folder for images", path,
                $"Use the images folder {images}, or have an administrator name the folder in virtd.json: \"storage\": {{ \"folders\": [\"{Path.GetDirectoryName(path)}\"] }}.");
        }
    }
}
