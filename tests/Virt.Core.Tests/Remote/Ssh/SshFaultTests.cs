using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Processes;
using Virt.Remote.Transports.Ssh;

namespace Virt.Tests.Core.Remote.Ssh;

/// <summary>ssh's last words, as OpenSSH 9.2 says them, become ours.</summary>
public sealed class SshFaultTests
{
    [Theory]
    [InlineData("ssh: Could not resolve hostname h: Name or service not known", VirtErrorCode.SystemError, "cannot be resolved")]
    [InlineData("ssh: connect to host h port 22: Connection refused", VirtErrorCode.SystemError, "refuses the connection")]
    [InlineData("ssh: connect to host h port 22: Connection timed out", VirtErrorCode.SystemError, "does not answer")]
    [InlineData("ssh: connect to host h port 22: No route to host", VirtErrorCode.SystemError, "there is no way to h")]
    [InlineData("me@h: Permission denied (publickey,password).", VirtErrorCode.AuthenticationFailed, "may not log in")]
    [InlineData("Received disconnect from 1.2.3.4: Too many authentication failures", VirtErrorCode.AuthenticationFailed, "may not log in")]
    [InlineData("Host key verification failed.", VirtErrorCode.AuthenticationFailed, "the key of h is not known")]
    [InlineData("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", VirtErrorCode.AuthenticationFailed, "not the one that is known")]
    [InlineData("kex_exchange_identification: read: Connection reset by peer", VirtErrorCode.SystemError, "ssh cannot connect to h: kex_")]
    [InlineData("", VirtErrorCode.SystemError, "it gives no reason")]
    public void The_clients_words(string words, VirtErrorCode code, string expected) => Holds(Explain(255, words), code, expected);

    [Theory]
    [InlineData(1, "virtd: this user may not use the socket /s\n       Run as root.", "on h: this user may not use the socket /s", "Run as root.")]
    [InlineData(127, "virt: virtd not found", "virtd is not installed on h", "Install it there")]
    [InlineData(127, "virt: netcat not found: nc", "has neither virtd nor 'nc'", "netcat=")]
    [InlineData(1, "virt: no socket: /s", "there is no socket /s", "systemctl")]
    [InlineData(1, "virt: socket denied: /s", "may not use the socket /s", "read-only")]
    [InlineData(1, "This account is currently not available.", "exit status 1: This account", "virtd proxy")]
    public void The_far_sides_words(int exitCode, string words, string expected, string advice)
    {
        VirtConnectionException error = Explain(exitCode, words);
        Holds(error, VirtErrorCode.SystemError, expected);
        Assert.Contains(advice, error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_shell_printed_is_shown_in_part()
    {
        VirtConnectionException error = SshFault.Noise(ConnectionUri.Parse("qemu+ssh://h/system"), new string('x', 1000), new InvalidDataException());
        Assert.InRange(error.Message.Length, 200, 400);
    }

    private static VirtConnectionException Explain(int exitCode, string words) =>
        SshFault.Explain(ConnectionUri.Parse("qemu+ssh://h/system"), new ProcessEndedException("ssh", exitCode, words), "");

    private static void Holds(VirtConnectionException error, VirtErrorCode code, string expected)
    {
        Assert.Equal(code, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }
}
