using System.Diagnostics;
using System.Text;
using Virt.Daemon.Drivers.Storage.Iso;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Storage;

/// <summary>The images are what another reader of ISO 9660 takes them for: isoinfo of Debian's package genisoimage.</summary>
public sealed class IsoReaderTests
{
    private const string Reader = "/usr/bin/isoinfo";

    private static readonly IsoFile[] Files =
    [
        new("user-data", Encoding.UTF8.GetBytes("#cloud-config\n")), new("meta-data", []), new("network-config", new byte[5000]),
    ];

    [Theory]
    [InlineData("-R")]
    [InlineData("-J")]
    public async Task Isoinfo_lists_the_names_and_gives_the_content(string names)
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder.File("seed.iso"), IsoImage.Write("cidata", Files, new DateTime(2026, 11, 23, 1, 2, 3, DateTimeKind.Utc)));
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
