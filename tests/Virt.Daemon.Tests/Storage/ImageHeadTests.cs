using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Storage;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Storage;

public sealed class ImageHeadTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, null)]
    [InlineData("/a/b c.raw", "raw")]
    [InlineData("nbd://host/x", "qcow2")]
    public void What_is_written_is_read(string? backing, string? format)
    {
        ImageHead head = Read("qcow2", Qcow(backing, format));
        Assert.Equal(new ImageHead(1 << 20, false, backing, format, false), head);
    }

    [Theory]
    [InlineData(20, 22u)] // clusters of 4 MiB
    [InlineData(20, 8u)]
    [InlineData(16, 1024u)] // a name of 1 024 bytes
    [InlineData(16, 0xffffffffu)]
    [InlineData(8, 1u)] // at an offset of 4 GiB
    [InlineData(24, 0xffffffffu)] // a size beyond 2^63
    [InlineData(4, 4u)] // version 4
    public void A_head_that_cannot_be_is_refused(int at, uint value)
    {
        byte[] image = Qcow("/base", "raw");
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(at), value);
        Assert.Equal(VirtErrorCode.OperationFailed, Assert.Throws<VirtException>(() => Read("qcow2", image)).Code);
    }

    [Theory]
    [InlineData("/a\nb")]
    [InlineData("/a\0b")]
    [InlineData("/a\u001b[2J")]
    public void A_name_that_is_no_text_is_refused(string name) =>
        Assert.Contains("no text", Assert.Throws<VirtException>(() => Read("qcow2", Qcow(name, "raw"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Extensions_without_an_end_end()
    {
        byte[] image = Qcow("/base", "raw");
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(104), 1);
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(108), 0xfffffff0);
        Assert.Null(Read("qcow2", image).BackingFormat);
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(100), 0xfffffff8);
        Assert.Null(Read("qcow2", image).BackingFormat);
    }

    [Fact]
    public void An_external_data_file_is_seen()
    {
        byte[] image = Qcow(null, null);
        image[79] |= 4;
        Assert.True(Read("qcow2", image).HasDataFile);
    }

    [Theory]
    [InlineData("raw", 3, 3L)]
    [InlineData("vhdx", 600, null)]
    [InlineData("vdi", 600, null)]
    public void The_size_of_other_formats_is_told_or_not_known(string format, int length, long? capacity) =>
        Assert.Equal(capacity, Read(format, new byte[length]).Capacity);

    [Fact]
    public void An_image_of_another_format_is_not_taken_for_one()
    {
        Assert.Throws<VirtException>(() => Read("qcow2", Encoding.ASCII.GetBytes(new string('x', 600))));
        Assert.Throws<VirtException>(() => Read("qcow", Qcow(null, null)));
        Assert.Throws<VirtException>(() => Read("qed", []));
        Assert.Throws<VirtException>(() => Read("qcow2", Qcow(null, null)[..60]));
    }

    [Theory]
    [InlineData("b", "/x/b")]
    [InlineData("../b", "/b")]
    [InlineData("/b", "/b")]
    [InlineData("file:/b", "/b")]
    [InlineData("file:b", "/x/b")]
    [InlineData("nbd://host/b", "nbd://host/b")]
    [InlineData("json:{\"driver\":\"raw\"}", "json:{\"driver\":\"raw\"}")]
    [InlineData("fat:rw:/", "fat:rw:/")]
    public void A_name_is_read_as_qemu_reads_it(string name, string path) => Assert.Equal(path, ImagePath.Beside("/x/image", name));

    private static ImageHead Read(string format, byte[] image) => ImageHead.Read(
        format, image.Length, (offset, count) => offset >= image.Length ? [] : image[(int)offset..(int)Math.Min(image.Length, offset + count)]);

    private byte[] Qcow(string? backing, string? format)
    {
        string path = _folder.File("image");
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite))
            QcowImage.Write(file, 1 << 20, backing, format);
        return File.ReadAllBytes(path);
    }
}
