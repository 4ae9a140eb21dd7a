using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>The definitions under tests/corpus/domains. Their images lie in /virt-corpus, which a test replaces by its folder.</summary>
internal static class Corpus
{
    public const string Images = "/virt-corpus";

    public static string Folder { get; } = Find();

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.xml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name + ".xml"));

    /// <summary>The definition with its images made in the folder.</summary>
    public static string Materialise(string name, TestFolder folder)
    {
        string xml = Read(name);
        XElement root = XElement.Parse(xml);
        foreach (XElement source in root.Descendants("source").Where(source => source.Attribute("file") is not null && source.Parent!.Name != "nvram"))
        {
            string format = source.Parent!.Name == "backingStore"
                ? (string)source.Parent.Element("format")!.Attribute("type")!
                : (string?)source.Parent.Element("driver")?.Attribute("type") ?? "raw";
            Make(((string)source.Attribute("file")!).Replace(Images, folder.Path, StringComparison.Ordinal), format, folder);
        }

        Directory.CreateDirectory(folder.File("share"));
        File.WriteAllBytes(folder.File("kernel"), Kernel());
        File.WriteAllBytes(folder.File("initrd"), new byte[8192]);
        return xml.Replace(Images, folder.Path, StringComparison.Ordinal);
    }

    /// <summary>As much of a Linux kernel as QEMU looks at: the header of boot protocol 2.12.</summary>
    private static byte[] Kernel()
    {
        var image = new byte[16384];
        image[0x1f1] = 1;
        (image[0x1fe], image[0x1ff]) = (0x55, 0xaa);
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        (image[0x206], image[0x207], image[0x211]) = (0x0c, 0x02, 1);
        BitConverter.TryWriteBytes(image.AsSpan(0x22c), 0x7fffffff);
        BitConverter.TryWriteBytes(image.AsSpan(0x238), 2047);
        return image;
    }

    private static void Make(string path, string format, TestFolder folder)
    {
        if (File.Exists(path))
            return;
        if (format == "raw")
        {
            using FileStream raw = File.Create(path);
            raw.SetLength(path.EndsWith("floppy.img", StringComparison.Ordinal) ? 1474560 : 16 << 20);
            return;
        }

        List<string> arguments = ["create", "-q", "-f", format == "vhd" ? "vpc" : format];
        if (path.EndsWith("overlay.qcow2", StringComparison.Ordinal))
        {
            Make(folder.File("disk.qcow2"), "qcow2", folder);
            arguments.AddRange(["-F", "qcow2", "-b", folder.File("disk.qcow2")]);
        }

        using Process process = Process.Start("qemu-img", [.. arguments, path, "16M"]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)), "qemu-img ends");
        Assert.Equal(0, process.ExitCode);
    }

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../corpus/domains"));
}
