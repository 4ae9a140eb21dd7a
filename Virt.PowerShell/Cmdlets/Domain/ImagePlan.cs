using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Storage;

namespace Virt.PowerShell;

/// <summary>Names and formats of the images that disks need.</summary>
internal static class ImagePlan
{
    private const string DefaultFormat = "qcow2";

    /// <summary>Each disk with the image that is to be made for it; null where there is one.</summary>
    public static IReadOnlyList<(DiskSpecification Disk, ImageRequest? Image)> For(IReadOnlyList<DiskSpecification> disks, string domain)
    {
        var plan = new List<(DiskSpecification, ImageRequest?)>(disks.Count);
        int unnamed = 0;
        foreach (DiskSpecification disk in disks)
        {
            if (!disk.IsNew)
            {
                plan.Add((disk, null));
                continue;
            }

            string format = disk.Format ?? FormatOf(disk);
            string name = disk.Path is { } path ? WithExtension(path, format) : OwnName(domain, unnamed++, format);
            plan.Add((disk, new ImageRequest(name, format, disk.Size ?? 0, disk.Backing, disk.BackingFormat ?? BackingFormatOf(disk))));
        }

        return plan;
    }

    /// <summary>The name of the seed of cloud-init of a domain.</summary>
    public static string SeedName(string domain) => domain + "-cloudinit.iso";

    private static string OwnName(string domain, int index, string format) =>
        WithExtension(index == 0 ? domain + "." + Extension(format) : $"{domain}-{index + 1}.{Extension(format)}", format);

    private static string FormatOf(DiskSpecification disk)
    {
        if (disk.Backing is not null || disk.Path is null)
            return DefaultFormat;
        if (Path.GetExtension(disk.Path).Equals(".img", StringComparison.OrdinalIgnoreCase))
            return "raw";
        return ImageFormat.OfName(disk.Path) switch
        {
            null or DefaultFormat => DefaultFormat,
            "raw" => "raw",
            var other => throw new VirtException(
                VirtErrorCode.InvalidArgument, $"images are made as raw or qcow2, and '{disk.Path}' is named like {other}", disk.Path,
                "Choose another name, or say the format."),
        };
    }

    // What an image is called is its owner's word; what it looks like may be a guest's.
    private static string? BackingFormatOf(DiskSpecification disk) => disk.Backing is { } backing ? ImageFormat.OfName(backing) : null;

    private static string WithExtension(string name, string format) =>
        name.Contains('/', StringComparison.Ordinal) || Path.HasExtension(name) ? name : $"{name}.{Extension(format)}";

    private static string Extension(string format) => format == "raw" ? "img" : format;
}
