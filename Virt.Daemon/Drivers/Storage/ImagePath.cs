using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Checks paths and names of images that somebody else gives.</summary>
internal static class ImagePath
{
    private const int MaximumName = 255;
    private const int MaximumPath = 4095;

    /// <summary>An absolute path without <c>.</c>, <c>..</c> and doubled separators; what it names is what it says.</summary>
    public static string Check(string path)
    {
        if (path.Length <= MaximumPath && path.StartsWith('/') && !path.EndsWith('/') && !path.Any(char.IsControl) && Path.GetFullPath(path) == path)
            return path;
        throw new VirtException(
            VirtErrorCode.InvalidArgument, $"'{path}' is not the absolute path of an image", path,
            "Give the path on the host from / on, without '.', '..' and '//'.");
    }

    /// <summary>The path of an image that another names: beside that one, unless it begins with a slash or with a protocol's name.</summary>
    public static string Beside(string path, string name)
    {
        string plain = name.StartsWith("file:", StringComparison.Ordinal) && !name.StartsWith("file://", StringComparison.Ordinal) ? name["file:".Length..] : name;
        int colon = plain.IndexOf(':', StringComparison.Ordinal), slash = plain.IndexOf('/', StringComparison.Ordinal);
        bool isProtocol = colon >= 0 && (slash < 0 || colon < slash);
        return plain.Length == 0 || isProtocol ? name : Path.GetFullPath(plain, Path.GetDirectoryName(path)!);
    }

    /// <summary>The path of a name: a file in the folder, or an absolute path as it is.</summary>
    public static string Resolve(string name, string folder)
    {
        if (name.StartsWith('/'))
            return Check(name);
        if (name.Length is > 0 and <= MaximumName && name[0] is not ('.' or '-') && !name.Contains('/', StringComparison.Ordinal) && !name.Any(char.IsControl))
            return Path.Combine(folder, name);
        throw new VirtException(
            VirtErrorCode.InvalidArgument, $"'{name}' is not the name of an image", name,
            "Give a file name that does not begin with '.' or '-', or an absolute path.");
    }
}
