using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Errors;

namespace Virt.Tests.Daemon.Qemu.Definition;

public sealed class IndexSetTests
{
    private static readonly XElement Place = new("vcpu");

    [Theory]
    [InlineData("0", "0")]
    [InlineData("0-3,^2", "0-1,3")]
    [InlineData("8, 1-2,0", "0-2,8")]
    [InlineData("16383,0-16382", "0-16383")]
    [InlineData("^1,1", "1")]
    public void Is_written_as_runs(string text, string written)
    {
        IndexSet set = IndexSet.Parse(Place, text);
        Assert.Equal(written, set.ToString());
        Assert.Equal(set.Greatest, set.Members.Last());
        Assert.All(set.Members, member => Assert.True(set.Contains(member)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("^0")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("-1")]
    [InlineData("16384")]
    [InlineData("99999999999999999999")]
    [InlineData("0,a")]
    public void What_is_none_is_refused(string text) => Assert.Throws<VirtException>(() => IndexSet.Parse(Place, text));

    [Fact]
    public void A_set_of_too_many_parts_is_refused() =>
        Assert.Throws<VirtException>(() => IndexSet.Parse(Place, string.Join(',', Enumerable.Repeat("0-16383", 100_000))));

    [Theory]
    [InlineData("0-3", "3-4", true)]
    [InlineData("0,2", "1,3", false)]
    public void Knows_what_it_shares(string one, string other, bool overlaps) =>
        Assert.Equal(overlaps, IndexSet.Parse(Place, one).Overlaps(IndexSet.Parse(Place, other)));
}
