using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>Writes and reads the <c>source</c> element of a disk: a file, a block device or a network disk.</summary>
public static class DiskSourceXml
{
    private static readonly string[] Protocols = ["nbd", "iscsi", "rbd", "http", "https", "ftp", "ftps", "tftp", "ssh"];

    /// <summary>The <c>type</c> of the disk that has this source.</summary>
    public static string TypeOf(string? path) => path switch
    {
        _ when IsUrl(path) => "network",
        not null when path.StartsWith("/dev/", StringComparison.Ordinal) => "block",
        _ => "file",
    };

    /// <summary>Whether the source is a network disk's.</summary>
    public static bool IsUrl(string? path) => path is not null && path.Contains("://", StringComparison.Ordinal);

    /// <summary>The element; null for an empty drive.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/> for a URL that is none.</exception>
    public static XElement? Build(string? path) => TypeOf(path) switch
    {
        _ when path is null => null,
        "network" => Network(path),
        "block" => new XElement("source", new XAttribute("dev", path)),
        _ => new XElement("source", new XAttribute("file", path)),
    };

    /// <summary>The source as people write it: a path or a URL; null for an empty drive.</summary>
    public static string? Read(XElement disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        if (disk.Element("source") is not { } source)
            return null;
        if (((string?)source.Attribute("file") ?? (string?)source.Attribute("dev") ?? (string?)source.Attribute("dir")) is { } path)
            return path;
        if ((string?)source.Attribute("pool") is { } pool)
            return $"{pool}/{(string?)source.Attribute("volume")}";
        if ((string?)source.Attribute("protocol") is not { } protocol)
            return null;
        XElement? host = source.Element("host");
        string port = (string?)host?.Attribute("port") is { } number ? ":" + number : "";
        return $"{protocol}://{(string?)host?.Attribute("name")}{port}/{(string?)source.Attribute("name")}{(string?)source.Attribute("query")}";
    }

    private static XElement Network(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0 || !Protocols.Contains(uri.Scheme))
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"'{url}' is not the URL of a network disk", url,
                $"Give a path on the host, or a URL with one of {string.Join(", ", Protocols)}.");
        }

        string name = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        return new XElement(
            "source",
            new XAttribute("protocol", uri.Scheme),
            name.Length == 0 ? null : new XAttribute("name", name),
            uri.Query.Length > 1 ? new XAttribute("query", uri.Query[1..]) : null,
            new XElement(
                "host", new XAttribute("name", uri.Host), uri.Port > 0 ? new XAttribute("port", uri.Port) : null));
    }
}
