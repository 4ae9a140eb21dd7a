using System.Security.Cryptography.X509Certificates;
using Virt.Daemon.Rpc.Tls;
using Virt.Remote.Tls;

namespace Virt.Tests.Daemon.Rpc;

public sealed class AllowedClientsTests
{
    [Theory]
    [InlineData("CN=alice,O=Example,C=DE", "CN=alice,O=Example,C=DE", true)]
    [InlineData("CN=*,O=Example,C=DE", "CN=alice,O=Example,C=DE", true)]
    [InlineData("*", "CN=alice", true)]
    [InlineData("CN=ali?e*", "CN=alice", true)]
    [InlineData("CN=ali?e?", "CN=alice", false)]
    [InlineData("CN=alice", "CN=alice,O=Example", false)]
    [InlineData("cn=alice", "CN=alice", false)]
    [InlineData("*,O=Example", @"CN=mallory\,O=Example", false)] // the comma is the name's own
    [InlineData(@"CN=a\,b,*", @"CN=a\,b,O=Example", true)]
    [InlineData("*a*a*a*a*a*a*a*b", "CN=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void A_pattern_fits_the_names_that_it_should(string pattern, string name, bool fits) =>
        Assert.Equal(fits, new AllowedClients([pattern]).Has(name));

    [Fact]
    public void No_list_is_everybody_and_an_empty_list_nobody()
    {
        Assert.True(new AllowedClients(null).Has("CN=alice"));
        Assert.False(new AllowedClients([]).Has("CN=alice"));
    }

    [Theory]
    [InlineData("C=DE, ST=Berlin, O=\"Ex, Inc\", OU=R+D, CN=alice")]
    [InlineData("CN=\" a#b \"")]
    [InlineData("CN=#x")]
    [InlineData("DC=example, UID=alice")]
    public void A_name_is_spelt_as_RFC_4514_says(string text)
    {
        string expected = text switch
        {
            ['C', '=', 'D', ..] => @"CN=alice,OU=R\+D,O=Ex\, Inc,ST=Berlin,C=DE",
            "CN=#x" => @"CN=\#x",
            ['C', ..] => @"CN=\ a#b\ ",
            _ => "UID=alice,DC=example",
        };
        Assert.Equal(expected, DistinguishedName.Format(new X500DistinguishedName(
            text.Replace("UID=", "OID.0.9.2342.19200300.100.1.1=", StringComparison.Ordinal).Replace("R+D", "\"R+D\"", StringComparison.Ordinal),
            X500DistinguishedNameFlags.None)));
    }
}
