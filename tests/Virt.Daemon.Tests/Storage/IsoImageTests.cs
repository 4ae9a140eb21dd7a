using System.Diagnostics;
using System.Text;
using Virt.Daemon.Drivers.Storage.Iso;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Storage;

/// <summary>The images are what other readers of ISO 9660 take them for.</summary>
public sealed class IsoImageTests
{
    private const string Reader = "/usr/bin/isoinfo";
    private static readonly DateTime Time = new(2026, 11, 23, 1, 2, 3, DateTimeKind.Utc);

    private static readonly IsoFile[] Files =
    [
        new("user-data", Encoding.UTF8.GetBytes("#cloud-config\n")), new("meta-data", []), new("network-config", new byte[5000]),
    ];

    [Fact]
    public void The_label_is_read_back_and_nothing_else_is_taken_for_an_image()
    {
        Assert.Equal("cidata", IsoImage.ReadLabel(IsoImage.Write("cidata", Files, Time)));
        Assert.Null(IsoImage.ReadLabel(new byte[100]));
        Assert.Null(IsoImage.ReadLabel(new byte[65536]));
    }

    [Fact]
    public void It_is_as_long_as_its_sectors_and_a_file_begins_where_the_folder_says()
    {
        byte[] image = IsoImage.Write("cidata", Files, Time);
        Assert.Equal((25 + 1 + 0 + 3) * IsoImage.SectorSize, image.Length);
        Assert.Equal("#cloud-config\n", Encoding.UTF8.GetString(image.AsSpan(25 * IsoImage.SectorSize, 14)));
    }

    [Theory]
    [InlineData("-R")]
    [InlineData("-J")]
    public async Task Isoinfo_lists_the_names_and_gives_the_content(string names)
    {
        Assert.SkipUnless(File.Exists(Reader), "isoinfo (Debian: genisoimage) is not installed: the image is NOT checked with another reader");
        using var folder = new TestFolder();
        File.WriteAllBytes(folder.File("seed.iso"), IsoImage.Write("cidata", Files, Time));
        string list = await RunAsync("-i", folder.File("seed.iso"), names, "-f");
        Assert.Equal(["/meta-data", "/network-config", "/user-data"], list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal("#cloud-config\n", await RunAsync("-i", folder.File("seed.iso"), names, "-x", "/user-data"));
        Assert.Contains("Volume id: cidata", await RunAsync("-i", folder.File("seed.iso"), "-d"), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Reader, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
