using Virt.Connections;
using Virt.Errors;

namespace Virt.Tests.Core.Connections;

public sealed class ConnectionUriTests
{
    [Theory]
    [InlineData("qemu:///system", "qemu", null, null, null, null, "/system")]
    [InlineData("qemu+unix:///session", "qemu", "unix", null, null, null, "/session")]
    [InlineData("QEMU+TCP://Host.example:17000/system", "qemu", "tcp", null, "Host.example", 17000, "/system")]
    [InlineData("qemu+ssh://root@host/system", "qemu", "ssh", "root", "host", null, "/system")]
    [InlineData("qemu+ssh://corp%40user@host/system", "qemu", "ssh", "corp@user", "host", null, "/system")]
    [InlineData("qemu+tcp://[::1]:16609/system", "qemu", "tcp", null, "::1", 16609, "/system")]
    [InlineData("qemu+tcp://[fe80::1%25eth0]/system", "qemu", "tcp", null, "fe80::1%eth0", null, "/system")]
    [InlineData("qemu+tls://10.0.0.1", "qemu", "tls", null, "10.0.0.1", null, "/")]
    [InlineData("test:///default", "test", null, null, null, null, "/default")]
    [InlineData("test:///tmp/a%20b.xml", "test", null, null, null, null, "/tmp/a b.xml")]
    public void Parts_are_found(string text, string driver, string? transport, string? user, string? host, int? port, string path)
    {
        ConnectionUri uri = ConnectionUri.Parse(text);

        Assert.Equal((driver, transport, user, host, port, path), (uri.Driver, uri.Transport, uri.User, uri.Host, uri.Port, uri.Path));
    }

    [Theory]
    [InlineData("qemu+tcp://u@[::1]:1/system?socket=/a/b&x=1%262")]
    [InlineData("test:///tmp/a%20b.xml")]
    [InlineData("qemu+ssh://corp%40user@host/system")]
    public void Text_survives(string text)
    {
        ConnectionUri uri = ConnectionUri.Parse(text);

        Assert.Equal(uri, ConnectionUri.Parse(uri.ToString()));
        Assert.Equal(text, uri.ToString());
    }

    [Theory]
    [InlineData("qemu+unix:///system?socket=/tmp/x.sock", "qemu:///system")]
    [InlineData("qemu+tcp://me@host:1/session?no_verify=1&mode=direct", "qemu:///session")]
    [InlineData("test+unix:///default?socket=/x&domains=5", "test:///default?domains=5")]
    [InlineData("qemu+ssh://host/system?name=test:///default", "test:///default")]
    public void The_far_side_gets_the_name_without_the_way_to_it(string text, string remote) =>
        Assert.Equal(remote, ConnectionUri.Parse(text).RemoteName());

    [Fact]
    public void Parameters_are_decoded_and_the_first_counts()
    {
        IReadOnlyDictionary<string, string> parameters = ConnectionUri.Parse("qemu:///system?a=%3F&b&a=2").Parameters;

        Assert.Equal("?", parameters["a"]);
        Assert.Equal(string.Empty, parameters["b"]);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("system", "no '://'")]
    [InlineData("://host/x", "names no driver")]
    [InlineData("+tcp://host/x", "names no driver")]
    [InlineData("9p:///x", "not a driver's name")]
    [InlineData("qemu+:///system", "without a transport")]
    [InlineData("qemu+t.p://h/system", "not a transport's name")]
    [InlineData("qemu:///sys tem", "space")]
    [InlineData("qemu:///system#x", "fragment")]
    [InlineData("qemu+tcp://@host/system", "without a user")]
    [InlineData("qemu+tcp://u:p@host/system", "password")]
    [InlineData("qemu+tcp://u@/system", "user but no host")]
    [InlineData("qemu+tcp://:1/system", "port but no host")]
    [InlineData("qemu+tcp://h:0/system", "not a port")]
    [InlineData("qemu+tcp://h:65536/system", "not a port")]
    [InlineData("qemu+tcp://h:x/system", "not a port")]
    [InlineData("qemu+tcp://::1/system", "more than one ':'")]
    [InlineData("qemu+tcp://[::1/system", "closing ']'")]
    [InlineData("qemu+tcp://[::g]/system", "not an IPv6 address")]
    [InlineData("qemu+tcp://[::1]x/system", "not a port")]
    [InlineData("qemu+tcp://ho_st!/system", "not a host name")]
    [InlineData("qemu:///system?=1", "has no name")]
    [InlineData("qemu:///%zz", "hexadecimal")]
    [InlineData("qemu:///a%00b", "NUL")]
    public void Each_bad_form_has_its_own_error(string text, string words)
    {
        var error = Assert.IsType<VirtConnectionException>(Record.Exception(() => ConnectionUri.Parse(text)));

        Assert.Equal(VirtErrorCode.NoConnect, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(error.RecommendedAction));
    }

    [Fact]
    public void An_endless_uri_is_refused() =>
        Assert.Throws<VirtConnectionException>(() => ConnectionUri.Parse("qemu:///" + new string('a', 5000)));
}
