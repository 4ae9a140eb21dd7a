using Virt.Domains;

namespace Virt.Tests.Core.Domains;

/// <summary>The cases are PowerShell's: each was true or false for <c>-like</c>.</summary>
public sealed class NamePatternTests
{
    [Theory]
    [InlineData("web1", "web1", true)]
    [InlineData("web1", "WEB1", true)]
    [InlineData("web1", "web10", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything at all", true)]
    [InlineData("web*", "web", true)]
    [InlineData("*1", "web1", true)]
    [InlineData("w*b*1", "web-bab-1", true)]
    [InlineData("w*b*2", "web-bab-1", false)]
    [InlineData("a**b", "ab", true)]
    [InlineData("?", "", false)]
    [InlineData("web?", "web1", true)]
    [InlineData("web?", "web", false)]
    [InlineData("web[12]", "web2", true)]
    [InlineData("web[12]", "web3", false)]
    [InlineData("web[1-3]", "web2", true)]
    [InlineData("[A-C]x", "bX", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("[a-c", "[a-c", true)]
    [InlineData("[]a]", "]", true)]
    [InlineData("[]a]", "a", true)]
    [InlineData("[`]]", "]", true)]
    [InlineData("[a`-z]", "m", false)]
    [InlineData("[a`-z]", "-", true)]
    [InlineData("a`*b", "a*b", true)]
    [InlineData("a`*b", "axb", false)]
    [InlineData("vm`[1`]", "vm[1]", true)]
    [InlineData("vm[1]", "vm[1]", false)]
    [InlineData("a``b", "a`b", true)]
    [InlineData("a`", "a`", true)]
    [InlineData("(a|b)+", "(a|b)+", true)]
    [InlineData(".*", "x", false)]
    [InlineData("\u00c4*", "\u00e4rger", true)]
    public void Matching(string pattern, string name, bool matches) => Assert.Equal(matches, NamePattern.IsMatch(pattern, name));

    [Theory]
    [InlineData("web1", false)]
    [InlineData("web*", true)]
    [InlineData("we?", true)]
    [InlineData("[ab]", true)]
    [InlineData("a`*", false)]
    [InlineData("a``*", true)]
    [InlineData("a`", false)]
    public void Wildcards_are_seen_unless_escaped(string text, bool has) => Assert.Equal(has, NamePattern.HasWildcard(text));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("vm`[1`]", "vm[1]")]
    [InlineData("a``b", "a`b")]
    [InlineData("end`", "end`")]
    public void Unescaping_gives_the_name(string pattern, string name) => Assert.Equal(name, NamePattern.Unescape(pattern));

    [Fact]
    public void A_hostile_pattern_ends()
    {
        string stars = string.Concat(Enumerable.Repeat("*a", 2000));
        Assert.False(NamePattern.IsMatch(stars + "b", new string('a', 5000)));
        Assert.False(NamePattern.IsMatch(new string('*', 5000), "a"));
    }
}
