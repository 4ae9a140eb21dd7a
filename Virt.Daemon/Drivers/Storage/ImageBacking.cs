using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Tells which image another one may need, so that it is not deleted. It errs on the side of need, and opens nothing to anybody.</summary>
internal static class ImageBacking
{
    /// <summary>The path of the image below one, as virtd has noted it or as it says itself; null when there is none.</summary>
    public static string? Of(string path)
    {
        try
        {
            using ImageFile file = ImageFile.Open(path);
            if (file.Note?.Backing is { } noted)
                return noted;
            string looks = file.Look();
            return ImageFormats.CanHaveBacking(looks) && file.ReadHead(looks).Backing is { } named ? ImagePath.Beside(path, named) : null;
        }
        catch (VirtException)
        {
            return null;
        }
    }
}
