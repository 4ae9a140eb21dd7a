using System.Net;
using System.Net.Sockets;
using Virt.Connections;
using Virt.Errors;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>The suite over a real ssh client and server, and the ways in which ssh says no.</summary>
public sealed class SshTransportTests(SshServer server) : ProcessTransportSuite, IClassFixture<SshServer>
{
    private protected override Task<Stream> ConnectAsync(TestDaemon world) => world.ConnectAsync(Uri(world));

    private string Uri(TestDaemon world, int? port = null, string parameters = "", string host = "127.0.0.1") =>
        server.Uri(port, $"&socket={world.UnixSocket}&connect_timeout=200{parameters}", host);

    [Fact]
    public async Task A_jump_of_the_users_configuration_is_followed()
    {
        await using var connection = await World.OpenAsync(Uri(World, host: "behind"));
        Assert.Equal("fakehost", connection.HostName);
    }

    [Fact]
    public async Task An_unknown_host_is_an_error_that_says_how_to_check_it()
    {
        VirtException error = await FailsAsync(Uri(World, parameters: $"&known_hosts={server.File("nobody")}&no_tty=1"));
        Assert.Equal((VirtErrorCode.AuthenticationFailed, "the key of 127.0.0.1 is not known"), (error.Code, error.Message));
        Assert.Contains("fingerprint", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_host_is_asked_about_and_remembered()
    {
        string known = Path.Combine(Folder, "known");
        Questions questions = new("yes");
        await using (var connection = await World.OpenAsync(Uri(World, parameters: $"&known_hosts={known}"), questions.Auth))
            Assert.Equal("fakehost", connection.HostName);
        CredentialRequest asked = Assert.Single(questions.Asked);
        Assert.Equal(CredentialKind.Confirmation, asked.Kind);
        Assert.Contains("SHA256:", asked.Prompt, StringComparison.Ordinal);
        Assert.Contains($":{server.Port}", await File.ReadAllTextAsync(known, Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_host_that_nobody_accepts_is_not_connected()
    {
        string known = Path.Combine(Folder, "known");
        VirtException error = await FailsAsync(Uri(World, parameters: $"&known_hosts={known}"), ConnectAuth.FromCredential("root", "secret"));
        Assert.Equal(VirtErrorCode.AuthenticationCancelled, error.Code);
        Assert.Contains("SHA256:", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(known));
    }

    [Fact]
    public async Task An_unknown_host_is_accepted_when_the_uri_says_so()
    {
        string known = Path.Combine(Folder, "known");
        await using var connection = await World.OpenAsync(Uri(World, parameters: $"&known_hosts={known}&known_hosts_verify=auto"));
        Assert.True(File.Exists(known));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&known_hosts_verify=auto")]
    public async Task A_host_whose_key_has_changed_is_not_connected(string parameters)
    {
        string known = Path.Combine(Folder, "known");
        string other = string.Join(' ', (await File.ReadAllTextAsync(server.File("stranger.pub"), Time)).Split(' ')[..2]);
        await File.WriteAllTextAsync(known, $"[127.0.0.1]:{server.Port} {other}\n", Time);
        VirtException error = await FailsAsync(Uri(World, parameters: $"&known_hosts={known}{parameters}"), new Questions("yes").Auth);
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains("not the one that is known", error.Message, StringComparison.Ordinal);
        Assert.Contains("ssh-keygen -R", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_the_host_does_not_know_is_denied()
    {
        VirtException error = await FailsAsync(server.Uri(
            parameters: $"&sshauth=privkey&socket={World.UnixSocket}", host: "nobody-of-this-name@127.0.0.1"));
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains("nobody-of-this-name@127.0.0.1 may not log in", error.Message, StringComparison.Ordinal);
        Assert.Contains("authorized_keys", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passphrase_is_asked_for_and_the_second_answer_may_be_right()
    {
        Questions questions = new("wrong", "open sesame");
        await using var connection = await World.OpenAsync(LockedUri(), questions.Auth);
        Assert.Equal("fakehost", connection.HostName);
        Assert.Equal([1, 2], questions.Asked.Select(asked => asked.Attempt));
        Assert.All(questions.Asked, asked => Assert.Equal(CredentialKind.Passphrase, asked.Kind));
        Assert.Contains(server.File("locked"), questions.Asked[0].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_answers_once()
    {
        await using (var connection = await World.OpenAsync(LockedUri(), ConnectAuth.FromCredential("root", "open sesame")))
            Assert.Equal("fakehost", connection.HostName);
        VirtException error = await FailsAsync(LockedUri(), ConnectAuth.FromCredential("root", "wrong"));
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains("not accepted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_can_be_cancelled()
    {
        using CancellationTokenSource source = new();
        ConnectAuth auth = new(async (_, cancel) =>
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancel);
            return null;
        });
        Virt.Drivers.OpenRequest request = new(ConnectionUri.Parse(LockedUri()), OpenOptions.None, auth);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Virt.Remote.RemoteDriver().OpenAsync(request, source.Token).AsTask().WaitAsync(Time));
    }

    [Fact]
    public async Task Time_to_answer_is_not_time_to_connect()
    {
        ConnectAuth auth = new(async (_, cancel) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(12), cancel);
            return ["open sesame"];
        });
        await using var connection = await World.OpenAsync(LockedUri().Replace("connect_timeout=200", "connect_timeout=11", StringComparison.Ordinal), auth);
        Assert.Equal("fakehost", connection.HostName);
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
    public async Task A_host_without_virtd_is_reached_by_a_netcat()
    {
        string netcat = Netcat();
        await using var connection = await World.OpenAsync(Uri(World, server.BarePort, $"&proxy=netcat&netcat={netcat}"));
        Assert.Equal(2 << 20, (await connection.Hypervisor.GetDomainByIdAsync(2 << 20, Time)).Description!.Length);
    }

    [Fact]
    public async Task A_netcat_that_is_missing_and_a_socket_that_is_are_told_apart()
    {
        VirtException error = await FailsAsync(Uri(World, server.BarePort, "&proxy=netcat&netcat=/no/netcat"));
        Assert.Contains("has neither virtd nor '/no/netcat'", error.Message, StringComparison.Ordinal);
        error = await FailsAsync(server.Uri(server.BarePort, $"&proxy=netcat&netcat={Netcat()}&socket=/no/socket"));
        Assert.Contains("there is no socket /no/socket", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_does_not_run_there_is_the_far_sides_word()
    {
        VirtException error = await FailsAsync(server.Uri(parameters: "&socket=/no/socket&connect_timeout=200"));
        Assert.Equal(VirtErrorCode.SystemError, error.Code);
        Assert.Equal("on 127.0.0.1: there is no socket /no/socket: virtd does not run, or not there", error.Message);
        Assert.Contains("virtd", error.RecommendedAction, StringComparison.Ordinal);
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

    [Fact]
    public async Task A_host_that_does_not_exist_and_a_port_that_is_closed_are_told_apart()
    {
        VirtException error = await FailsAsync(Uri(World, host: "no-such-host.invalid"));
        Assert.Contains("'no-such-host.invalid' cannot be resolved", error.Message, StringComparison.Ordinal);
        using Socket closed = new(SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        error = await FailsAsync(Uri(World, ((IPEndPoint)closed.LocalEndPoint!).Port));
        Assert.Contains("refuses the connection", error.Message, StringComparison.Ordinal);
    }

    private string LockedUri() => server.Uri(
        parameters: $"&socket={World.UnixSocket}&connect_timeout=200").Replace(server.Client, LockedClient(), StringComparison.Ordinal);

    /// <summary>The client with no key but the one that has a passphrase.</summary>
    private string LockedClient() => Script("locked", $"exec '{server.Client}' -o IdentityFile='{server.File("locked")}' \"$@\"");

    private string Netcat() => Script(
        "nc",
        """
        exec python3 -c '
        import socket, sys, threading
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[-1])
        def up():
            while data := sys.stdin.buffer.raw.read(65536):
                s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        threading.Thread(target=up, daemon=True).start()
        while data := s.recv(65536):
            sys.stdout.buffer.raw.write(data)
        ' "$@"
        """);

    private async Task<VirtException> FailsAsync(string uri, ConnectAuth? auth = null)
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => World.OpenAsync(uri, auth).WaitAsync(Time));
        Assert.NotNull(error.RecommendedAction);
        return error;
    }
}
