using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Tests.Core.Definition;

public sealed class SafeXmlTests
{
    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("plain text")]
    [InlineData("<domain>")]
    [InlineData("<domain></domian>")]
    [InlineData("<domain/><domain/>")]
    [InlineData("<domain a='1' a='2'/>")]
    [InlineData("<domain>\u0001</domain>")]
    [InlineData("<domain>&#0;</domain>")]
    [InlineData("<domain>&unknown;</domain>")]
    [InlineData("<x:domain/>")]
    [InlineData("<!DOCTYPE domain [<!ENTITY a 'b'>]><domain>&a;</domain>")]
    [InlineData("<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>")]
    [InlineData("<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain>&x;</domain>")]
    public void What_is_not_well_formed_or_has_a_document_type_is_refused(string xml) =>
        Assert.Equal(VirtErrorCode.XmlDetail, Assert.Throws<VirtException>(() => SafeXml.Parse(xml, "domain")).Code);

    [Fact]
    public void Errors_name_the_line()
    {
        VirtException error = Assert.Throws<VirtException>(() => SafeXml.Parse("<domain>\n<a>\n</b>\n</domain>", "domain"));
        Assert.Contains("ine 3", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }

    [Theory]
    [InlineData("<network/>")]
    [InlineData("<Domain/>")]
    [InlineData("<domain xmlns='urn:other'/>")]
    public void Another_root_is_an_xml_error(string xml)
    {
        VirtException error = Assert.Throws<VirtException>(() => SafeXml.Parse(xml, "domain"));
        Assert.Equal(VirtErrorCode.XmlError, error.Code);
        Assert.Contains("<domain>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Entity_bombs_are_refused_before_they_grow()
    {
        const string Bomb = "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><domain>&b;&b;&b;</domain>";
        Assert.Equal(VirtErrorCode.XmlDetail, Assert.Throws<VirtException>(() => SafeXml.Parse(Bomb, "domain")).Code);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(200_000, false)]
    public void Depth_is_bounded(int depth, bool allowed)
    {
        string xml = "<domain>" + string.Concat(Enumerable.Repeat("<a>", depth)) + string.Concat(Enumerable.Repeat("</a>", depth)) + "</domain>";
        if (allowed)
            Assert.Equal(depth, SafeXml.Parse(xml, "domain").Descendants().Count());
        else
            Assert.Equal(VirtErrorCode.XmlError, Assert.Throws<VirtException>(() => SafeXml.Parse(xml, "domain")).Code);
    }

    [Fact]
    public void Size_is_bounded()
    {
        string xml = "<domain>" + new string('x', SafeXml.MaximumCharacters) + "</domain>";
        Assert.Equal(VirtErrorCode.XmlDetail, Assert.Throws<VirtException>(() => SafeXml.Parse(xml, "domain")).Code);
    }

    [Fact]
    public void The_entities_of_xml_itself_and_character_references_are_not_counted()
    {
        string text = string.Concat(Enumerable.Repeat("&amp;&#65;", 5000));
        Assert.Equal(10_000, SafeXml.Parse($"<domain>{text}</domain>", "domain").Value.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_reads_as_it_was(bool indented)
    {
        var element = new System.Xml.Linq.XElement("a", new System.Xml.Linq.XAttribute("b", "1\r\n\t2"), "3\r4\n5\t<&>");
        System.Xml.Linq.XElement again = SafeXml.ParseFragment(SafeXml.Write(element, indented));
        Assert.Equal(("1\r\n\t2", "3\r4\n5\t<&>"), ((string?)again.Attribute("b"), again.Value));
    }
}
