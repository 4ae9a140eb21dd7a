using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Tests.Core.Definition;

public sealed class ScaledSizeTests
{
    [Theory]
    [InlineData("1", null, 1024)]
    [InlineData(" 7 ", "b", 7)]
    [InlineData("7", "bytes", 7)]
    [InlineData("2", "KB", 2000)]
    [InlineData("2", "k", 2048)]
    [InlineData("2", "KiB", 2048)]
    [InlineData("2", "kib", 2048)]
    [InlineData("2", "MB", 2_000_000)]
    [InlineData("2", "M", 2L << 20)]
    [InlineData("2", "MiB", 2L << 20)]
    [InlineData("3", "G", 3L << 30)]
    [InlineData("3", "gb", 3_000_000_000)]
    [InlineData("1", "TiB", 1L << 40)]
    [InlineData("1", "PiB", 1L << 50)]
    [InlineData("7", "EiB", 7L << 60)]
    [InlineData("9223372036854775807", "b", long.MaxValue)]
    public void Units_are_libvirts_in_any_case(string text, string? unit, long bytes) =>
        Assert.Equal(bytes, ScaledSize.Read(Element(text, unit), "KiB"));

    [Theory]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("1.5", "GiB")]
    [InlineData("0x10", null)]
    [InlineData("1,000", null)]
    [InlineData("1", "GiBs")]
    [InlineData("1", "")]
    [InlineData("8", "EiB")]
    [InlineData("9223372036854775808", "b")]
    [InlineData("99999999999999999999999", "b")]
    public void What_is_no_size_is_an_xml_error(string text, string? unit)
    {
        VirtException error = Assert.Throws<VirtException>(() => ScaledSize.Read(Element(text, unit), "KiB"));
        Assert.Equal(VirtErrorCode.XmlError, error.Code);
        Assert.Contains("<memory>", error.Message, StringComparison.Ordinal);
    }

    private static XElement Element(string text, string? unit) =>
        new("memory", unit is null ? null : new XAttribute("unit", unit), text);
}
