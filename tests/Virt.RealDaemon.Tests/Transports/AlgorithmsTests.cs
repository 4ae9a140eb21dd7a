using Renci.SshNet;
using Virt.Ssh;

namespace Virt.Tests.Daemon.Transports;

public sealed class AlgorithmsTests
{
    [Fact]
    public void A_cheap_exchange_comes_first_and_the_slow_ones_last()
    {
        string[] names = [.. Offer().KeyExchangeAlgorithms.Keys];
        Assert.Equal("curve25519-sha256", names[0]);
        Assert.All(names[^3..], name => Assert.Matches("^(mlkem|sntrup)", name));
        Assert.All(names[..^3], name => Assert.DoesNotMatch("mlkem|sntrup", name));
    }

    [Fact]
    public void What_is_weak_is_not_offered()
    {
        ConnectionInfo offer = Offer();
        Assert.All(offer.KeyExchangeAlgorithms.Keys, name => Assert.DoesNotContain("sha1", name, StringComparison.Ordinal));
        Assert.All(offer.Encryptions.Keys, name => Assert.DoesNotContain("cbc", name, StringComparison.Ordinal));
        Assert.DoesNotContain("ssh-rsa", offer.HostKeyAlgorithms.Keys);
        Assert.All(offer.HostKeyAlgorithms.Keys, name => Assert.DoesNotContain("cert", name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519", "ssh-rsa,ssh-ed25519")]
    [InlineData("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256")]
    [InlineData("rsa-sha2-512", "ssh-rsa")]
    [InlineData("ssh-ed25519", "ssh-dss")]
    public void Keys_of_a_type_that_is_known_are_asked_for_first(string first, string known = "") =>
        Assert.Equal(first, Offer(known.Split(',')).HostKeyAlgorithms.Keys.First());

    private static ConnectionInfo Offer(params string[] known)
    {
        ConnectionInfo info = new("h", "user", new NoneAuthenticationMethod("user"));
        Algorithms.Offer(info, known);
        return info;
    }
}
