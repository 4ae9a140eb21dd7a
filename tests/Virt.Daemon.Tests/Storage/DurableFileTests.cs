using System.Text;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Run;

namespace Virt.Tests.Daemon.Storage;

public sealed class DurableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("durable-").FullName;

    [Fact]
    public void A_write_that_fails_leaves_the_old_content_and_nothing_else()
    {
        string path = Path.Combine(_folder, "file");
        DurableFile.Write(path, "old"u8);
        Directory.CreateDirectory(Path.Combine(_folder, "taken"));
        VirtException refused = Assert.Throws<VirtException>(() => DurableFile.Write(Path.Combine(_folder, "taken"), "new"u8));
        Assert.Contains("taken", refused.Message, StringComparison.Ordinal);
        Assert.Throws<VirtException>(() => DurableFile.Write(Path.Combine(_folder, "gone", "file"), "new"u8));
        Assert.Equal(["file", "taken"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order());
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("folder")]
    [InlineData("huge")]
    public void What_is_no_file_to_read_is_refused_at_once(string fault)
    {
        string path = Path.Combine(_folder, "file");
        FileFaults.Apply(fault, path);
        Assert.Throws<UnsuitableFileException>(() => HostFile.Read(path, 1 << 20));
        Assert.StartsWith(path + DurableFile.AsideMark, DurableFile.SetAside(path), StringComparison.Ordinal);
        Assert.False(Path.Exists(path));
    }

    [Fact]
    public void Devices_are_not_opened_and_files_are_read_through_links()
    {
        Assert.Throws<UnsuitableFileException>(() => HostFile.Read("/dev/zero", 100));
        Assert.Throws<FileNotFoundException>(() => HostFile.Read(Path.Combine(_folder, "none"), 100));
        File.WriteAllText(Path.Combine(_folder, "file"), "text");
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "file");
        Assert.Equal("text", Encoding.UTF8.GetString(HostFile.Read(Path.Combine(_folder, "link"), 4)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
