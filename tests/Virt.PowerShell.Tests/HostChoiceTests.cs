using Virt.Connections;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class HostChoiceTests
{
    [Theory]
    [InlineData(null, null, null, false, null)]
    [InlineData("alias", null, null, false, "alias")]
    [InlineData("h", HostTransport.Ssh, null, false, "qemu+ssh://h/system")]
    [InlineData("me@h:2222", HostTransport.Ssh, "/k y", false, "qemu+ssh://me@h:2222/system?keyfile=%2Fk%20y")]
    [InlineData("h", null, "/k", false, "qemu+ssh://h/system?keyfile=%2Fk")]
    [InlineData("fe80::1", HostTransport.Ssh, null, false, "qemu+ssh://[fe80::1]/system")]
    [InlineData("h", HostTransport.Tls, null, true, "qemu+tls://h/system?no_verify=1")]
    [InlineData("h", null, null, true, "qemu+tls://h/system?no_verify=1")]
    [InlineData(null, HostTransport.Unix, null, false, "qemu+unix:///system")]
    [InlineData("qemu+ssh://h/session?mode=auto", null, "/k", false, "qemu+ssh://h/session?mode=auto&keyfile=%2Fk")]
    [InlineData("qemu://h/system", null, null, true, "qemu://h/system?no_verify=1")]
    [InlineData("h:2222", HostTransport.LibSsh, "/k", false, "qemu+libssh://h:2222/system?keyfile=%2Fk")]
    [InlineData("qemu+libssh2://h/session", null, "/k", false, "qemu+libssh2://h/session?keyfile=%2Fk")]
    public void A_choice_makes_a_uri(string? name, HostTransport? transport, string? key, bool skip, string? expected) =>
        Assert.Equal(expected, new HostChoice(transport, key, skip).UriFor(name));

    [Theory]
    [InlineData("h", HostTransport.LibSsh, "qemu+libssh://a%20b@h/system")]
    [InlineData("me@h", HostTransport.LibSsh, "qemu+libssh://me@h/system")]
    [InlineData("qemu+libssh://h/system?no_tty=1", null, "qemu+libssh://a%20b@h/system?no_tty=1")]
    [InlineData("qemu+libssh2://me@h/system", null, "qemu+libssh2://me@h/system")]
    [InlineData("h", HostTransport.Ssh, "qemu+ssh://h/system")]
    [InlineData("qemu+ssh://h/system", null, "qemu+ssh://h/system")]
    public void The_user_of_a_credential_logs_in_over_libssh_where_none_is_named(string name, HostTransport? transport, string expected) =>
        Assert.Equal(expected, new HostChoice(transport, null, false, "a b").UriFor(name));

    [Theory]
    [InlineData("qemu+ssh://h/system", HostTransport.Ssh, null, false)]
    [InlineData("h", HostTransport.Unix, null, false)]
    [InlineData(null, HostTransport.Ssh, null, false)]
    [InlineData("h", HostTransport.Tls, "/k", false)]
    [InlineData("h", HostTransport.Ssh, null, true)]
    [InlineData("h/x?command=evil", HostTransport.Ssh, null, false)]
    [InlineData("qemu+tcp://h/system", null, "/k", false)]
    public void A_contradiction_is_an_error(string? name, HostTransport? transport, string? key, bool skip)
    {
        VirtException error = Assert.ThrowsAny<VirtException>(() => new HostChoice(transport, key, skip).UriFor(name));
        Assert.Equal(VirtErrorCode.InvalidArgument, error.Code);
        Assert.NotNull(error.RecommendedAction);
    }
}
