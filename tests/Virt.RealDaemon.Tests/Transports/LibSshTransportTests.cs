using Virt.Errors;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>The suite over ssh in this process to a real server, and what the far side says.</summary>
public sealed class LibSshTransportTests(SshServer server) : TransportSuite, IClassFixture<SshServer>
{
    private protected override Task<Stream> ConnectAsync(TestDaemon world) => world.ConnectAsync(Uri(world));

    private string Uri(TestDaemon world, int? port = null, string parameters = "") =>
        server.LibSshUri(port, $"&socket={world.UnixSocket}&connect_timeout=200{parameters}");

    [Fact]
    public async Task It_is_libvirts_other_way_to_do_the_same_as_well()
    {
        await using var connection = await World.OpenAsync(Uri(World).Replace("+libssh:", "+libssh2:", StringComparison.Ordinal));
        Assert.Equal("fakehost", connection.HostName);
    }

    [Fact]
    public async Task A_host_that_takes_the_slow_exchanges_only_is_connected_as_well()
    {
        int port = await server.StartAsync("quantum", "KexAlgorithms sntrup761x25519-sha512@openssh.com\nForceCommand echo This account is for backups");
        VirtException error = await FailsAsync(server.LibSshUri(port, "&no_verify=1&connect_timeout=200"));
        Assert.Contains("it printed 'This account is for backups'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_exchanged_again_while_megabytes_go_both_ways()
    {
        int port = await server.StartAsync("rekey", "RekeyLimit 1M");
        await using var connection = await World.OpenAsync(Uri(World, port, "&no_verify=1"));
        for (int i = 0; i < 4; i++)
            Assert.Equal(4 << 20, (await connection.Hypervisor.GetDomainByIdAsync(4 << 20, Time)).Description!.Length);
    }

    [Fact]
    public async Task A_host_without_virtd_says_so()
    {
        Assert.SkipWhen(File.Exists("/usr/sbin/virtd") || File.Exists("/usr/bin/virtd"), "virtd is installed on this machine");
        VirtException error = await FailsAsync(Uri(World, server.BarePort));
        Assert.Equal(VirtErrorCode.SystemError, error.Code);
        Assert.Contains("virtd is not installed on 127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_netcat_is_looked_for_where_the_uri_says_so()
    {
        VirtException error = await FailsAsync(Uri(World, server.BarePort, "&proxy=netcat&netcat=/no/netcat"));
        Assert.Contains("has neither virtd nor '/no/netcat'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_does_not_run_there_is_the_far_sides_word()
    {
        VirtException error = await FailsAsync(server.LibSshUri(parameters: "&socket=/no/socket&connect_timeout=200"));
        Assert.Equal("on 127.0.0.1: there is no socket /no/socket: virtd does not run, or not there", error.Message);
    }

    [Fact]
    public async Task What_login_scripts_print_is_passed_over()
    {
        await using var connection = await World.OpenAsync(Uri(World, server.NoisyPort));
        Assert.Equal("fakehost", connection.HostName);
    }

    [Fact]
    public async Task An_account_that_runs_something_else_is_shown()
    {
        VirtException error = await FailsAsync(Uri(World, server.ShutPort));
        Assert.Contains("it printed 'This account is for backups'", error.Message, StringComparison.Ordinal);
    }

    private async Task<VirtException> FailsAsync(string uri)
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => World.OpenAsync(uri).WaitAsync(Time));
        Assert.NotNull(error.RecommendedAction);
        return error;
    }
}
