using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Virt.Build.Debian;

/// <summary>The files of a Debian package, laid out below a folder as dpkg-deb(1) takes them.</summary>
internal sealed class PackageTree
{
    private const UnixFileMode Data =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Program = Data | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly string _root;

    /// <summary>An empty tree.</summary>
    public PackageTree(string root)
    {
        _root = root;
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);
        Directory.CreateDirectory(root);
        File.SetUnixFileMode(root, Program);
    }

    /// <summary>Adds a folder.</summary>
    public void AddFolder(string name, UnixFileMode mode = Program)
    {
        string folder = Path.Combine(_root, name);
        // Parents one by one: whatever the umask, they can be read.
        if (Path.GetDirectoryName(folder) is { } parent && !Directory.Exists(parent))
            AddFolder(Path.GetRelativePath(_root, parent));
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, mode);
    }

    /// <summary>Adds a file that is not run.</summary>
    public void AddFile(string name, string source) => Add(name, File.ReadAllBytes(source), Data);

    /// <summary>Adds a program or script.</summary>
    public void AddProgram(string name, string source) => Add(name, File.ReadAllBytes(source), Program);

    /// <summary>Adds a file with a text.</summary>
    public void AddText(string name, string text) => Add(name, Encoding.UTF8.GetBytes(text), Data);

    /// <summary>Adds a text as documentation is: compressed.</summary>
    public void AddCompressed(string name, string text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        Add(name, compressed.ToArray(), Data);
    }

    /// <summary>Adds all files of a folder.</summary>
    public void AddAll(string name, string folder, Func<string, bool> isProgram)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string inside = Path.GetRelativePath(folder, file);
            Add(Path.Combine(name, inside), File.ReadAllBytes(file), isProgram(inside) ? Program : Data);
        }
    }

    /// <summary>Adds a symbolic link.</summary>
    public void AddLink(string name, string target)
    {
        AddFolder(Path.GetDirectoryName(name)!);
        File.CreateSymbolicLink(Path.Combine(_root, name), target);
    }

    /// <summary>The size of what is installed, in KiB as the field Installed-Size has it.</summary>
    public long InstalledKibibytes => Files.Sum(file => (new FileInfo(Path.Combine(_root, file)).Length + 1023) / 1024);

    /// <summary>The lines of DEBIAN/md5sums, which dpkg --verify checks the installed files by.</summary>
    public string Checksums()
    {
        var lines = new StringBuilder();
        foreach (string file in Files.Order(StringComparer.Ordinal))
            lines.Append(CultureInfo.InvariantCulture, $"{Checksum(Path.Combine(_root, file))}  {file}\n");
        return lines.ToString();
    }

    private IEnumerable<string> Files => Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories)
        .Where(file => !File.GetAttributes(file).HasFlag(FileAttributes.ReparsePoint))
        .Select(file => Path.GetRelativePath(_root, file)).Where(file => !file.StartsWith("DEBIAN/", StringComparison.Ordinal));

    private void Add(string name, byte[] content, UnixFileMode mode)
    {
        AddFolderOf(name);
        string file = Path.Combine(_root, name);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, mode);
    }

    private void AddFolderOf(string name)
    {
        string folder = Path.GetDirectoryName(name)!;
        if (!Directory.Exists(Path.Combine(_root, folder)))
            AddFolder(folder);
    }

    // MD5 is what the format asks for; it guards against accidents, not against people.
#pragma warning disable CA5351
    private static string Checksum(string file) => Convert.ToHexStringLower(MD5.HashData(File.ReadAllBytes(file)));
#pragma warning restore CA5351
}
