using System.Text;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

public sealed class RecentTextsTests
{
    [Fact]
    public void A_text_that_comes_again_is_the_same_string()
    {
        string first = Get("x86_64");
        Get("q35");
        Assert.Same(first, Get("x86_64"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("seven77")]
    [InlineData("eight888")]
    [InlineData("nine99999")]
    [InlineData("sixteen-letters!")]
    [InlineData("gr\u00fcn")]
    [InlineData("\u732b")]
    [InlineData("a\0b")]
    public void Every_text_comes_back_as_it_is(string text)
    {
        Assert.Equal(text, Get(text));
        Assert.Equal(text, Get(text));
    }

    [Fact]
    public void Texts_that_share_a_slot_are_not_taken_for_each_other()
    {
        // Many times as many as there are slots.
        for (int i = 0; i < 5000; i++)
            Assert.Equal($"bench-{i:D5}", Get($"bench-{i:D5}"));
        for (int i = 0; i < 5000; i++)
            Assert.Equal($"{i}", Get($"{i}"));
    }

    [Fact]
    public void Texts_that_differ_in_one_letter_are_different()
    {
        foreach (int at in Enumerable.Range(0, 16))
        {
            char[] letters = "aaaaaaaaaaaaaaaa".ToCharArray();
            letters[at] = 'b';
            Assert.Equal(new string(letters), Get(new string(letters)));
        }
    }

    private static string Get(string text) => RecentTexts.Get(Encoding.UTF8.GetBytes(text));
}
