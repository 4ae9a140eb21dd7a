using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Drivers.Test;

/// <summary>Reads the files of a test host: bounded, regular files only, and errors that name the file.</summary>
internal static class TestNodeFile
{
    private const int MaximumFiles = 10_000;

    /// <summary>The host of a node document, or of a single domain's document.</summary>
    public static async ValueTask<TestNode> ReadAsync(string path, CancellationToken cancel)
    {
        XElement root = await LoadAsync(path, ["node", "domain"], cancel).ConfigureAwait(false);
        if (root.Name.LocalName == "domain")
            return InFile(path, () => TestNodeReader.Read(new XElement("node"), [(root, path)]));

        string folder = Path.GetDirectoryName(path)!;
        var domains = new List<(XElement, string)>();
        foreach (XElement element in root.Elements().Where(child => child.Attribute("file") is not null).Take(MaximumFiles + 1).ToArray())
        {
            if (domains.Count == MaximumFiles)
                throw new VirtException(VirtErrorCode.XmlError, $"the node refers to more than {MaximumFiles} files", path);
            string file = Path.Combine(folder, (string)element.Attribute("file")!);
            XElement referred = await LoadAsync(file, [element.Name.LocalName], cancel).ConfigureAwait(false);
            if (element.Name.LocalName == "domain")
                domains.Add((referred, file));
            else
                element.ReplaceWith(referred);
        }

        root.Elements("domain").Where(child => child.Attribute("file") is not null).Remove();
        return InFile(path, () => TestNodeReader.Read(root, domains));
    }

    /// <summary>Runs a reader and puts the file in front of what it finds wrong.</summary>
    public static T InFile<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (VirtException wrong) when (wrong.Target != path)
        {
            throw VirtException.Create(wrong.Code, $"{path}: {wrong.Message}", path, wrong.RecommendedAction, wrong);
        }
    }

    private static async ValueTask<XElement> LoadAsync(string path, string[] roots, CancellationToken cancel)
    {
        string text;
        try
        {
            // A FIFO or device has no length, and reading it might never end.
            long length = new FileInfo(path).Length;
            if (length is 0 or > SafeXml.MaximumCharacters)
            {
                throw new VirtException(
                    VirtErrorCode.XmlError, length == 0 ? $"'{path}' is empty or not a regular file" : $"'{path}' is larger than is read", path,
                    "Give a file with a <node> or a <domain>.");
            }

            text = await File.ReadAllTextAsync(path, cancel).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"cannot read the test host '{path}': {failure.Message}", path,
                "Give the absolute path of a readable file: test:///PATH.", failure);
        }

        return InFile(path, () => SafeXml.Parse(text, roots));
    }
}
