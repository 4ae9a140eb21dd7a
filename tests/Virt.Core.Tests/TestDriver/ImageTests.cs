using Virt.Drivers.Test;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Tests.Core.TestDriver;

public sealed class ImageTests
{
    private readonly TestImages _images = new();

    [Fact]
    public void A_name_is_a_file_in_the_images_folder()
    {
        ImageRecord made = _images.Create(new ImageRequest("a.qcow2", "qcow2", 1L << 30), Unused);
        Assert.Equal(("/guest/a.qcow2", 1L << 30), (made.Path, made.Capacity));
        Assert.Equal(made, _images.Get("a.qcow2"));
    }

    [Fact]
    public void An_overlay_has_the_size_of_what_it_is_based_on()
    {
        _images.Create(new ImageRequest("base.qcow2", "qcow2", 3L << 30), Unused);
        ImageRecord overlay = _images.Create(new ImageRequest("o.qcow2", "qcow2", 0, "/guest/base.qcow2"), Unused);
        Assert.Equal(3L << 30, overlay.Capacity);
        Assert.Equal("/guest/base.qcow2", Assert.Single(overlay.Backing).Path);
    }

    [Fact]
    public void What_is_there_is_not_made_again()
    {
        _images.Create(new ImageRequest("a.raw", "raw", 1 << 20), Unused);
        Assert.Equal(VirtErrorCode.StorageVolumeExists, Code(() => _images.Create(new ImageRequest("a.raw", "raw", 1 << 20), Unused)));
        Assert.Equal(VirtErrorCode.StorageVolumeExists, Code(() => _images.Create(new ImageRequest("b.raw", "raw", 1 << 20), _ => "web1")));
    }

    [Fact]
    public void Only_what_was_made_and_is_not_used_is_deleted()
    {
        _images.Create(new ImageRequest("a.raw", "raw", 1 << 20), Unused);
        Assert.Equal(VirtErrorCode.OperationInvalid, Code(() => _images.Delete("a.raw", _ => "web1")));
        _images.Delete("a.raw", Unused);
        Assert.Equal(VirtErrorCode.NoStorageVolume, Code(() => _images.Delete("a.raw", Unused)));
    }

    [Theory]
    [InlineData("../a", "raw", 1)]
    [InlineData(".a", "raw", 1)]
    [InlineData("a/b", "raw", 1)]
    [InlineData("a", "raw", 0)]
    [InlineData("a", "raw", -1)]
    public void What_is_no_image_is_refused(string name, string format, long capacity) =>
        Assert.Equal(VirtErrorCode.InvalidArgument, Code(() => _images.Create(new ImageRequest(name, format, capacity), Unused)));

    private static VirtErrorCode Code(Action action) => Assert.ThrowsAny<VirtException>(action).Code;

    private static string? Unused(string path) => null;
}
