using System.Xml.Linq;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.Tests.Core.Terminals;

/// <summary>What a terminal gets of words that others chose.</summary>
public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("web1")]
    [InlineData("")]
    [InlineData("C:\\a 'b' \"c\"")]
    [InlineData("Grüße, 日本, Привет\u00a0: 🐧 e\u0301 \ufffd")]
    public void Visible_text_is_returned_as_it_is(string text)
    {
        Assert.Same(text, VisibleText.Line(text));
        Assert.Same(text, VisibleText.Lines(text));
        Assert.Same(text, VisibleText.Xml(text));
    }

    [Theory]
    [InlineData("a\u001b[2Jb", "a\\u001b[2Jb")]
    [InlineData("a\u0000\u0007\b\u007f", "a\\u0000\\u0007\\u0008\\u007f")]
    [InlineData("a\u009b31m\u0085", "a\\u009b31m\\u0085")]
    [InlineData("a\u202eb\u2066c\u2069\u200f\u200b\ufeff", "a\\u202eb\\u2066c\\u2069\\u200f\\u200b\\ufeff")]
    [InlineData("a\u2028b\u2029", "a\\u2028b\\u2029")]
    [InlineData("\U000e0041🐧\ue000", "\\udb40\\udc41🐧\\ue000")]
    public void What_is_not_visible_is_escaped_in_both_forms(string text, string visible)
    {
        Assert.Equal(visible, VisibleText.Line(text));
        Assert.Equal(visible, VisibleText.Lines(text));
    }

    // Written here, as attributes cannot hold them.
    [Fact]
    public void Halves_of_pairs_are_escaped()
    {
        Assert.Equal("a\\ud83db", VisibleText.Line("a\ud83db"));
        Assert.Equal("\\udc27\\ud83d", VisibleText.Lines("\udc27\ud83d"));
    }

    [Fact]
    public void Ends_of_lines_stay_in_many_lines_only()
    {
        const string Text = "a\tb\r\nc\rd\n";
        Assert.Equal("a\tb\nc\\u000dd\n", VisibleText.Lines(Text));
        Assert.Equal("a\\u0009b\\u000d\\u000ac\\u000dd\\u000a", VisibleText.Line(Text));
    }

    [Fact]
    public void Nothing_hidden_is_left_of_any_text()
    {
        var random = new Random(4711);
        for (int i = 0; i < 5000; i++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(30)).Select(_ => (char)random.Next(random.Next(3) == 0 ? 0x100 : 0x10000))]);
            string line = VisibleText.Line(text), lines = VisibleText.Lines(text);
            Assert.Same(line, VisibleText.Line(line));
            Assert.Same(lines, VisibleText.Lines(lines));
            Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u202e' or '\ufeff');
            Assert.DoesNotContain(lines, c => (char.IsControl(c) && c is not ('\n' or '\t')) || c is '\u2028' or '\u202e' or '\ufeff');
        }
    }

    [Fact]
    public void A_list_is_copied_only_when_it_must_be()
    {
        string[] clean = ["a", "b"];
        Assert.Same(clean, VisibleText.Each(clean));
        Assert.Equal(["a", "b\\u000a"], VisibleText.Each(["a", "b\n"]));
    }

    [Fact]
    public void Xml_means_the_same()
    {
        const string Xml = "<a b='x\u202ey\u0085'>\r\n\t\u009b31m<![CDATA[<&\u0085>]]>\U000e0041 🐧\u200d</a>";
        string visible = VisibleText.Xml(Xml);
        Assert.Same(visible, VisibleText.Lines(visible));
        Assert.Contains("\n\t&#x9B;31m<![CDATA[<&]]>&#x85;<![CDATA[>]]>&#xE0041; 🐧&#x200D;", visible, StringComparison.Ordinal);
        XElement before = XElement.Parse(Xml), after = XElement.Parse(visible);
        Assert.Equal(before.Value.ReplaceLineEndings("\n"), after.Value.ReplaceLineEndings("\n"));
        Assert.Equal((string?)before.Attribute("b"), (string?)after.Attribute("b"));
    }

    [Fact]
    public void An_exception_has_visible_words_down_to_its_cause()
    {
        var cause = new IOException("outer", new InvalidOperationException("last words: \u001b]0;gone\u0007"));
        VirtException told = VirtException.Create(VirtErrorCode.NoDomain, "no\u001b[31m\r\nway", "a\nb", "do\u202e", cause);
        Assert.Equal("no\\u001b[31m\nway", told.Message);
        Assert.Equal("a\\u000ab", told.Target);
        Assert.Equal("do\\u202e", told.RecommendedAction);
        for (Exception? one = told; one is not null; one = one.InnerException)
            Assert.Same(one.Message, VisibleText.Lines(one.Message));
        var clean = new IOException("as it is");
        Assert.Same(clean, new VirtException(VirtErrorCode.SystemError, "x", innerException: clean).InnerException);
    }
}
