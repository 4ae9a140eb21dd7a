using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Storage;
using Virt.Errors;
using Virt.Storage;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Storage;

public sealed class ImageStoreTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ImageStore _images;

    public ImageStoreTests() => _images = new ImageStore(new StorageFolders(_folder.File("images"), []));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_image_is_made_read_and_deleted()
    {
        ImageRecord made = await _images.CreateAsync(new ImageRequest("a b.qcow2", "qcow2", 1 << 20), Cancel);
        Assert.Equal((_images.Folder + "/a b.qcow2", "qcow2", 1 << 20, false), (made.Path, made.Format, made.Capacity, made.Encrypted));
        Assert.Empty(made.Backing);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(made.Path));
        Assert.Equal(1 << 20, (await ImageInspector.ReadAsync(made.Path, "qcow2", Cancel)).Capacity);
        _images.Delete("a b.qcow2", _ => null);
        Assert.False(File.Exists(made.Path));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_images.Folder));
    }

    [Fact]
    public async Task Nothing_is_ever_overwritten_not_even_by_two_at_once()
    {
        Task<ImageRecord>[] makers = [.. Enumerable.Range(0, 6).Select(_ => _images.CreateAsync(new ImageRequest("same", "raw", 4096), Cancel).AsTask())];
        await ((Task)Task.WhenAll(makers)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _ = Assert.Single(makers, maker => maker.IsCompletedSuccessfully);
        Assert.All(makers.Where(maker => maker.IsFaulted), maker =>
            Assert.Equal(VirtErrorCode.StorageVolumeExists, ((VirtException)maker.Exception!.InnerException!).Code));
        Assert.Equal([_images.Folder + "/same"], Directory.EnumerateFileSystemEntries(_images.Folder));
    }

    [Fact]
    public async Task An_overlay_takes_size_and_format_from_below_and_protects_it()
    {
        ImageRecord below = await _images.CreateAsync(new ImageRequest("below", "qcow2", 3 << 20), Cancel);
        ImageRecord top = await _images.CreateAsync(new ImageRequest("top", "qcow2", 0, below.Path), Cancel);
        Assert.Equal(3 << 20, top.Capacity);
        Assert.Equal([new ImageLayer(below.Path, "qcow2")], top.Backing);
        VirtException refused = Assert.ThrowsAny<VirtException>(() => _images.Delete("below", _ => null));
        Assert.Equal(VirtErrorCode.OperationInvalid, refused.Code);
        refused = Assert.ThrowsAny<VirtException>(() => _images.Delete("top", _ => "web1"));
        Assert.Contains("'web1'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", VirtErrorCode.InvalidArgument)]
    [InlineData("../x", VirtErrorCode.InvalidArgument)]
    [InlineData(".hidden", VirtErrorCode.InvalidArgument)]
    [InlineData("-o", VirtErrorCode.InvalidArgument)]
    [InlineData("a\nb", VirtErrorCode.InvalidArgument)]
    [InlineData("/etc/../etc/x", VirtErrorCode.InvalidArgument)]
    [InlineData("/no/such/folder/x", VirtErrorCode.OperationDenied)]
    [InlineData("FOLDER/none/x", VirtErrorCode.SystemError)]
    [InlineData("json:{}", null)]
    public async Task Names_are_what_they_say(string name, VirtErrorCode? code)
    {
        name = name.Replace("FOLDER", _images.Folder, StringComparison.Ordinal);
        Task<ImageRecord> making = _images.CreateAsync(new ImageRequest(name, "raw", 4096), Cancel).AsTask();
        if (code is null)
            Assert.Equal(_images.Folder + "/" + name, (await making).Path);
        else
            Assert.Equal(code, (await Assert.ThrowsAnyAsync<VirtException>(() => making)).Code);
    }

    [Theory]
    [InlineData("vmdk", 4096, null, VirtErrorCode.ConfigurationUnsupported)]
    [InlineData("raw", 0, null, VirtErrorCode.InvalidArgument)]
    [InlineData("raw", 4096, "FOLDER/a", VirtErrorCode.InvalidArgument)]
    [InlineData("qcow2", 4096, "/no/image", VirtErrorCode.OperationDenied)]
    [InlineData("qcow2", 4096, "/etc/passwd", VirtErrorCode.OperationDenied)]
    [InlineData("qcow2", 4096, "FOLDER/image", VirtErrorCode.NoStorageVolume)]
    [InlineData("qcow2", long.MaxValue, null, VirtErrorCode.OperationFailed)]
    public async Task What_cannot_be_made_is_refused_and_leaves_nothing(string format, long size, string? backing, VirtErrorCode code)
    {
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() =>
            _images.CreateAsync(new ImageRequest("x", format, size, backing?.Replace("FOLDER", _images.Folder, StringComparison.Ordinal)), Cancel).AsTask());
        Assert.Equal(code, refused.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_images.Folder));
    }

    [Fact]
    public async Task Only_images_of_the_folder_are_deleted_and_a_missing_one_is_said()
    {
        Assert.Equal(VirtErrorCode.InvalidArgument, Assert.Throws<VirtException>(() => _images.Delete("/etc/passwd", _ => null)).Code);
        Assert.Equal(VirtErrorCode.NoStorageVolume, Assert.ThrowsAny<VirtException>(() => _images.Delete("gone", _ => null)).Code);
        VirtException missing = await Assert.ThrowsAnyAsync<VirtException>(() => ImageInspector.ReadAsync("/no/image", null, Cancel));
        Assert.Equal(VirtErrorCode.NoStorageVolume, missing.Code);
    }

    [Fact]
    public async Task A_hostile_image_is_an_error_and_not_a_harm()
    {
        string path = _folder.File("evil");
        // A qcow2 header that claims a cluster size and tables that cannot be.
        await File.WriteAllBytesAsync(path, [.. "QFI"u8, 0xfb, 0, 0, 0, 3, .. Enumerable.Repeat((byte)0xff, 500)], Cancel);
        Assert.Equal(VirtErrorCode.OperationFailed, (await Assert.ThrowsAsync<VirtException>(() => ImageInspector.ReadAsync(path, "qcow2", Cancel))).Code);
        Assert.Null(ImageBacking.Of(path));
        await File.WriteAllBytesAsync(path, [.. "QFI"u8, 0xfb, 0, 0, 0, 3, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9], Cancel);
        Assert.Null(ImageBacking.Of(path));
    }

    [Fact]
    public async Task What_an_image_looks_like_never_decides_its_format()
    {
        // A guest has written the head of an image with a backing file of the host's into its raw disk.
        ImageRecord disk = await _images.CreateAsync(new ImageRequest("disk", "raw", 1 << 20), Cancel);
        string foreign = _images.PathOf("foreign");
        foreach (string path in (string[])[disk.Path, foreign])
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
            QcowImage.Write(file, 1 << 20, "/etc/shadow", "raw");
        }

        ImageRecord overlay = await _images.CreateAsync(new ImageRequest("a", "qcow2", 0, disk.Path), Cancel);
        Assert.Equal([new ImageLayer(disk.Path, "raw")], overlay.Backing);
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => _images.CreateAsync(new ImageRequest("b", "qcow2", 0, disk.Path, "qcow2"), Cancel).AsTask());
        Assert.Equal(VirtErrorCode.OperationDenied, refused.Code);
        refused = await Assert.ThrowsAnyAsync<VirtException>(() => _images.CreateAsync(new ImageRequest("c", "qcow2", 0, foreign), Cancel).AsTask());
        Assert.Equal(VirtErrorCode.InvalidArgument, refused.Code);
        Assert.Contains("BackingFormat", refused.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal([new ImageLayer(foreign, "raw")], (await _images.CreateAsync(new ImageRequest("d", "qcow2", 0, foreign, "raw"), Cancel)).Backing);
        Assert.Equal("raw", (await ImageInspector.ReadAsync(disk.Path, null, Cancel)).Format);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1L << 20)]
    [InlineData((512L << 20) + 1)]
    [InlineData(1L << 44)]
    [InlineData(QcowImage.MaximumCapacity)]
    public async Task Images_of_any_size_are_sound(long capacity)
    {
        ImageRecord made = await _images.CreateAsync(new ImageRequest("x", "qcow2", capacity), Cancel);
        Assert.Equal((capacity + 511) & ~511L, made.Capacity);
        Assert.InRange(made.Allocation, 1, 16 << 20);
    }

    [Fact]
    public void A_seed_replaces_a_seed_and_nothing_else()
    {
        string path = _images.PathOf("seed.iso");
        CloudInitImage.Write(path, new CloudInitSeed("seed.iso", "#cloud-config\n", "instance-id: a\n"));
        CloudInitImage.Write(path, new CloudInitSeed("seed.iso", "#cloud-config\nb: c\n", "instance-id: b\n"));
        Assert.Contains("b: c", Encoding.Latin1.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.WriteAllText(_images.PathOf("precious.img"), "precious");
        VirtException refused = Assert.Throws<VirtException>(() =>
            CloudInitImage.Write(_images.PathOf("precious.img"), new CloudInitSeed("precious.img", "", "")));
        Assert.Equal(VirtErrorCode.StorageVolumeExists, refused.Code);
        Assert.Equal("precious", File.ReadAllText(_images.PathOf("precious.img")));
    }

    [Fact]
    public void The_default_pool_is_the_folder_and_other_pools_are_not_there()
    {
        var pools = new StoragePools(_images);
        StoragePoolRecord pool = Assert.Single(pools.List());
        Assert.Equal(("default", "dir", true, _images.Folder), (pool.Name, pool.Type, pool.Active, pool.Path));
        Assert.Equal(pool.Uuid, new StoragePools(new ImageStore(new StorageFolders(_images.Folder, []))).List()[0].Uuid);
        Assert.InRange(pool.Allocation, 0, pool.Capacity);
        Assert.Equal(VirtErrorCode.NoStoragePool, Assert.ThrowsAny<VirtException>(() => pools.Find("other", "x")).Code);
        Assert.Equal(VirtErrorCode.NoStorageVolume, Assert.ThrowsAny<VirtException>(() => pools.Find("default", "x")).Code);
        Assert.Equal(VirtErrorCode.NoStorageVolume, Assert.ThrowsAny<VirtException>(() => pools.Find("default", "/etc/passwd")).Code);
    }
}
