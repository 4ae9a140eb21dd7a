using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Tests.Daemon.Files;

/// <summary>What the one helper for paths does with what others have put in a folder.</summary>
public sealed class HostPathTests : IDisposable
{
    private const UnixFileMode Open = (UnixFileMode)0x1ff;
    private readonly string _root = Directory.CreateTempSubdirectory("paths-").FullName;

    [Fact]
    public void A_link_that_only_we_can_have_made_is_followed()
    {
        Write("real/file", "text");
        File.CreateSymbolicLink(In("folder"), "real");
        File.CreateSymbolicLink(In("real/link"), In("real/file"));
        Assert.Equal("text", Encoding.UTF8.GetString(HostFile.Read(In("folder/link"), 4)));
        Assert.Equal("text", Encoding.UTF8.GetString(HostFile.Read(In("real/../folder/./link"), 4)));
        Assert.True(HostFile.Exists(In("folder/file")));
    }

    [Theory]
    [InlineData("open/link")]
    [InlineData("open/folder/file")]
    [InlineData("through/link")]
    public void A_link_in_a_folder_of_everybody_is_not_followed(string path)
    {
        Write("real/file", "text");
        Directory.CreateDirectory(In("open"));
        File.CreateSymbolicLink(In("open/link"), In("real/file"));
        File.CreateSymbolicLink(In("open/folder"), In("real"));
        File.CreateSymbolicLink(In("through"), "open");
        File.SetUnixFileMode(In("open"), Open);
        UnsuitableFileException refused = Assert.Throws<UnsuitableFileException>(() => HostFile.Read(In(path), 4));
        Assert.Contains("not followed", refused.Message, StringComparison.Ordinal);
        Assert.False(HostFile.Exists(In(path)));
        Assert.Throws<UnsuitableFileException>(() => HostFile.OpenWrite(In(path)));
        using HostPath reported = HostPath.Find(In(path), LinkRule.Reported)!;
        Assert.Equal([Accounts.Own], reported.Linkers);
        Assert.False(reported.IsPrivate);
    }

    [Fact]
    public void A_circle_of_links_ends_and_a_relative_path_leads_nowhere()
    {
        File.CreateSymbolicLink(In("one"), In("two"));
        File.CreateSymbolicLink(In("two"), In("one"));
        Assert.Throws<UnsuitableFileException>(() => HostPath.Find(In("one")));
        Assert.Throws<UnsuitableFileException>(() => HostPath.Find("etc/passwd"));
        Assert.Null(HostPath.Find(In("none/file")));
        Assert.Null(HostPath.Find("/proc/self/fd/0/x"));
    }

    [Theory]
    [InlineData("fifo", "a FIFO")]
    [InlineData("socket", "a socket")]
    [InlineData("folder", "a folder")]
    public void What_is_no_file_is_neither_read_nor_written_and_makes_nobody_wait(string name, string what)
    {
        Directory.CreateDirectory(In("folder"));
        using System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", In("fifo"));
        made.WaitForExit();
        using SafeFileHandle listener = HostSocket.Listen(In("socket"));
        foreach (Func<SafeFileHandle> open in (Func<SafeFileHandle>[])[() => HostFile.OpenRead(In(name)), () => HostFile.OpenWrite(In(name))])
            Assert.Contains(what, Assert.Throws<UnsuitableFileException>(open).Message, StringComparison.Ordinal);
        Assert.Throws<UnsuitableFileException>(() => HostFile.OpenRead("/dev/zero"));
    }

    [Fact]
    public void What_is_made_replaces_nothing_and_follows_nothing()
    {
        Write("victim", "text");
        File.CreateSymbolicLink(In("link"), In("victim"));
        File.CreateSymbolicLink(In("dangling"), In("elsewhere"));
        foreach (string name in (string[])["victim", "link", "dangling"])
            Assert.ThrowsAny<IOException>(() => HostFile.Create(In(name)));
        Assert.ThrowsAny<IOException>(() => HostFile.Append(In("link")));
        Assert.False(Path.Exists(In("elsewhere")));
        using (SafeFileHandle made = HostFile.Create(In("new")))
            Assert.Equal(0x180, FileStatus.Of(made).Mode);
        Assert.ThrowsAny<IOException>(() => HostFile.Rename(In("new"), In("victim"), replace: false));
        HostFile.Rename(In("new"), In("link"));
        Assert.Equal("text", File.ReadAllText(In("victim")));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    public void A_name_is_one_name(string name)
    {
        using HostFolder folder = HostFolder.Open(_root);
        Assert.Throws<UnsuitableFileException>(() => folder.Create(name));
        Assert.Throws<UnsuitableFileException>(() => folder.Delete(name));
        Assert.Throws<UnsuitableFileException>(() => FolderTree.Delete(folder, name));
    }

    [Fact]
    public void A_held_folder_stays_the_same_whatever_takes_its_name()
    {
        Write("mine/file", "mine");
        Write("victim/file", "root's");
        using HostFolder held = HostFolder.Open(In("mine"));
        Directory.Move(In("mine"), In("away"));
        File.CreateSymbolicLink(In("mine"), In("victim"));
        Assert.True(held.Delete("file"));
        using (held.Create("made"))
            Assert.Equal(["made"], held.List());
        Assert.Equal(["file"], Names("victim"));
    }

    [Fact]
    public void A_tree_is_removed_and_what_its_links_lead_to_is_not()
    {
        Write("victim/kept", "text");
        Write("tree/deep/deeper/file", "text");
        File.CreateSymbolicLink(In("tree/link"), In("victim"));
        File.CreateSymbolicLink(In("tree/deep/file"), In("victim/kept"));
        File.CreateSymbolicLink(In("other"), In("victim"));
        Assert.True(FolderTree.Delete(In("tree")));
        Assert.True(FolderTree.Delete(In("other")));
        Assert.False(FolderTree.Delete(In("tree")));
        Assert.Equal(["victim"], Names(""));
        Assert.Equal(["kept"], Names("victim"));
    }

    [Fact]
    public async Task Only_a_socket_of_the_one_that_is_expected_is_connected_to()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Directory.CreateDirectory(In("open"));
        using SafeFileHandle listener = HostSocket.Listen(In("socket"));
        using (Socket connected = await HostSocket.ConnectAsync(In("socket"), cancel))
            Assert.True(connected.Connected);
        File.CreateSymbolicLink(In("open/link"), In("socket"));
        File.SetUnixFileMode(In("open"), Open);
        await Assert.ThrowsAsync<UnsuitableFileException>(() => HostSocket.ConnectAsync(In("open/link"), cancel));
        HostFile.Link(In("socket"), In("second"));
        await Assert.ThrowsAsync<UnsuitableFileException>(() => HostSocket.ConnectAsync(In("second"), cancel));
        Write("file", "");
        await Assert.ThrowsAsync<UnsuitableFileException>(() => HostSocket.ConnectAsync(In("file"), cancel));
        await Assert.ThrowsAsync<FileNotFoundException>(() => HostSocket.ConnectAsync(In("none"), cancel));
    }

    [Fact]
    public void A_socket_is_removed_only_when_nobody_listens_on_it()
    {
        SafeFileHandle listener = HostSocket.Listen(In("socket"));
        Assert.Throws<UnsuitableFileException>(() => HostSocket.RemoveStale(In("socket")));
        listener.Dispose();
        HostSocket.RemoveStale(In("socket"));
        Write("file", "");
        Assert.Throws<UnsuitableFileException>(() => HostSocket.RemoveStale(In("file")));
        Assert.Equal(["file"], Names(""));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string In(string path) => Path.Combine(_root, path);

    private IEnumerable<string?> Names(string folder) => Directory.GetFileSystemEntries(In(folder)).Select(Path.GetFileName).Order();

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
        File.WriteAllText(In(path), text);
    }
}
