using System.Text;
using Virt.Daemon.Drivers.Storage.Iso;

namespace Virt.Tests.Daemon.Storage;

/// <summary>Labels, sectors and places of files.</summary>
public sealed class IsoImageTests
{
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
}
