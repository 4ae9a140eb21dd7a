using System.Globalization;
using System.Xml.Linq;

namespace Virt.Drivers.Test;

/// <summary>A disk of a test domain.</summary>
internal sealed record TestDisk(string Target, string? Path)
{
    private static readonly string[] SourceAttributes = ["file", "dev", "dir", "volume", "name"];

    public static TestDisk Read(XElement disk, int index)
    {
        XElement? source = disk.Element("source");
        string? path = SourceAttributes.Select(name => (string?)source?.Attribute(name)).FirstOrDefault(value => value is not null);
        string target = (string?)disk.Element("target")?.Attribute("dev") ?? "disk" + index.ToString(CultureInfo.InvariantCulture);
        return new TestDisk(target, path);
    }
}

/// <summary>A network interface of a test domain; <paramref name="Network"/> is null where it uses no virtual network.</summary>
internal sealed record TestInterface(string Name, string? Network)
{
    public static TestInterface Read(XElement element, int index)
    {
        string name = (string?)element.Element("target")?.Attribute("dev") ?? "testnet" + index.ToString(CultureInfo.InvariantCulture);
        string? network = (string?)element.Attribute("type") == "network" ? (string?)element.Element("source")?.Attribute("network") : null;
        return new TestInterface(name, network);
    }
}
