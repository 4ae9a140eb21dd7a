using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Ssh;

namespace Virt.Tests.Core.Remote.Ssh;

public sealed class SshCommandLineTests
{
    [Theory]
    [InlineData("qemu+ssh://h/system", "-T|-e|none|--|h|CMD")]
    [InlineData("qemu+ssh://me@h:2222/system", "-T|-e|none|-p|2222|-l|me|--|h|CMD")]
    [InlineData("qemu+ssh://[fe80::1]/system", "-T|-e|none|--|fe80::1|CMD")]
    [InlineData("qemu+ssh://h/system?keyfile=/k%20y", "-T|-e|none|-i|/k y|--|h|CMD")]
    [InlineData("qemu+ssh://h/system?known_hosts=/a%25b", "-T|-e|none|-o|UserKnownHostsFile=\"/a%%b\"|--|h|CMD")]
    [InlineData("qemu+ssh://h/system?known_hosts_verify=normal", "-T|-e|none|--|h|CMD")]
    [InlineData("qemu+ssh://h/system?known_hosts_verify=auto", "-T|-e|none|-o|StrictHostKeyChecking=accept-new|--|h|CMD")]
    [InlineData("qemu+ssh://h/system?known_hosts_verify=ignore", "-T|-e|none|-o|StrictHostKeyChecking=no|--|h|CMD")]
    [InlineData("qemu+ssh://h/system?no_verify=1", "-T|-e|none|-o|StrictHostKeyChecking=no|--|h|CMD")]
    [InlineData("qemu+ssh://h/system?sshauth=agent,privkey,password", "-T|-e|none|-o|PreferredAuthentications=publickey,password|--|h|CMD")]
    [InlineData("qemu+ssh://h/system?sshauth=privkey", "-T|-e|none|-o|PreferredAuthentications=publickey|-o|IdentityAgent=none|--|h|CMD")]
    public void Parameters_become_options(string uri, string expected) =>
        Assert.Equal(expected, string.Join('|', SshCommandLine.Create(ConnectionUri.Parse(uri), mayAsk: true, "CMD")));

    [Fact]
    public void Where_nobody_answers_ssh_does_not_ask() =>
        Assert.Contains("BatchMode=yes", SshCommandLine.Create(ConnectionUri.Parse("qemu+ssh://h/system"), mayAsk: false, "CMD"));

    [Theory]
    [InlineData("no_tty=1", true)]
    [InlineData("no_tty=0", false)]
    [InlineData("mode=auto", false)]
    public void A_uri_may_forbid_questions(string parameter, bool silent) =>
        Assert.Equal(silent, SshUri.IsSilent(ConnectionUri.Parse($"qemu+ssh://h/system?{parameter}")));

    [Theory]
    [InlineData("qemu+ssh:///system")]
    [InlineData("qemu+ssh://-oProxyCommand=x/system")]
    [InlineData("qemu+ssh://-h/system")]
    [InlineData("qemu+ssh://-l@h/system")]
    [InlineData("qemu+ssh://a%20b@h/system")]
    [InlineData("qemu+ssh://$(x)@h/system")]
    [InlineData("qemu+ssh://a%60b%60@h/system")]
    [InlineData("qemu+ssh://a%5C@h/system")]
    [InlineData("qemu+ssh://h/system?known_hosts=a%22b")]
    [InlineData("qemu+ssh://h/system?keyfile=a%0Ab")]
    [InlineData("qemu+ssh://h/system?known_hosts_verify=perhaps")]
    [InlineData("qemu+ssh://h/system?sshauth=magic")]
    public void What_ssh_or_a_shell_could_take_for_its_own_is_refused(string uri)
    {
        VirtException error = Assert.ThrowsAny<VirtException>(() => SshCommandLine.Create(ConnectionUri.Parse(uri), mayAsk: true, "CMD"));
        Assert.True(error.Code is VirtErrorCode.InvalidArgument or VirtErrorCode.NoConnect);
        Assert.NotNull(error.RecommendedAction);
    }
}
