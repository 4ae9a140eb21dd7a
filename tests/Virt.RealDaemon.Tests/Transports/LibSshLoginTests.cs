using Virt.Connections;
using Virt.Daemon.Native;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote;
using Virt.Tests.Daemon.RealDaemon;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>Who may log in at a real server, and how: keys, an agent, a password, questions.</summary>
public sealed class LibSshLoginTests(SshServer server) : IClassFixture<SshServer>, IAsyncDisposable
{
    private readonly TestDaemon _world = new();

    private CancellationToken Time => _world.Time;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("id")]
    [InlineData("ecdsa")]
    [InlineData("pem")]
    public Task A_key_without_a_passphrase_logs_in(string key) => OpensAsync(Uri(key), ConnectAuth.None);

    [Theory]
    [InlineData("locked")]
    [InlineData("pem_locked")]
    public async Task A_passphrase_is_asked_for_and_the_second_answer_may_be_right(string key)
    {
        Questions questions = new("wrong", "open sesame");
        await OpensAsync(Uri(key), questions.Auth);
        Assert.Equal([1, 2], questions.Asked.Select(asked => asked.Attempt));
        Assert.All(questions.Asked, asked => Assert.Equal((CredentialKind.Passphrase, $"Enter passphrase for key '{server.File(key)}':"), (asked.Kind, asked.Prompt)));
    }

    [Fact]
    public async Task A_credential_answers_once()
    {
        await OpensAsync(Uri("locked"), ConnectAuth.FromCredential("root", "open sesame"));
        VirtException error = await FailsAsync(Uri("locked"), ConnectAuth.FromCredential("root", "wrong"));
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains("not accepted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_key_whose_passphrase_nobody_is_asked_for_is_an_error_that_says_so()
    {
        VirtException error = await FailsAsync(Uri("locked", "&no_tty=1"), new Questions("open sesame").Auth);
        Assert.Equal(VirtErrorCode.AuthenticationCancelled, error.Code);
        Assert.Contains($"Enter passphrase for key '{server.File("locked")}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_wrong_passphrases_are_enough()
    {
        Questions questions = new("a", "b", "c", "open sesame");
        VirtException error = await FailsAsync(Uri("locked"), questions.Auth);
        Assert.Equal($"the passphrase of the key {server.File("locked")} is wrong", error.Message);
        Assert.Equal(3, questions.Asked.Count);
    }

    [Fact]
    public async Task A_key_that_the_host_does_not_know_is_denied()
    {
        VirtException error = await FailsAsync(Uri("stranger"), ConnectAuth.None);
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains("@127.0.0.1 may not log in: permission denied (publickey)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_missing_or_open_to_others_is_named()
    {
        VirtException error = await FailsAsync(Uri("nobody"), ConnectAuth.None);
        Assert.Contains($"the key {server.File("nobody")} cannot be used", error.Message, StringComparison.Ordinal);
        string open = Path.Combine(_world.Folder, "open");
        File.Copy(server.File("id"), open);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        error = await FailsAsync(Uri("id").Replace(server.File("id"), open, StringComparison.Ordinal), ConnectAuth.None);
        Assert.Contains("others than its owner may read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_signs_with_the_keys_that_it_holds()
    {
        await using SshAgentProcess agent = await SshAgentProcess.StartAsync(_world.Folder);
        await agent.AddAsync(server.File("id"));
        await agent.AddAsync(server.File("pem"));
        // The named key is locked, and the agent has it: nobody is asked for its passphrase.
        await agent.AddAsync(server.File("locked"), "open sesame");
        Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", agent.Socket);
        try
        {
            await OpensAsync(Uri("stranger", "&sshauth=agent"), ConnectAuth.None);
            await OpensAsync(Uri("locked"), ConnectAuth.None);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", null);
        }

        VirtException error = await FailsAsync(Uri("id", "&sshauth=agent"), ConnectAuth.None);
        Assert.Contains("may not log in", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UsePAM no\nPasswordAuthentication yes", "password", "password:")]
    [InlineData("UsePAM yes\nKbdInteractiveAuthentication yes", "keyboard-interactive", "Password:")]
    public async Task A_password_logs_in_and_the_second_answer_may_be_right(string configuration, string method, string words)
    {
        await using SshUser user = await SshUser.CreateAsync();
        string uri = await PasswordUriAsync(method, configuration, user);
        Questions questions = new("wrong", user.Password);
        await OpensAsync(uri, questions.Auth);
        CredentialRequest[] asked = [.. questions.Asked.Where(request => request.Kind == CredentialKind.Password)];
        Assert.Equal([1, 2], asked.Select(request => request.Attempt));
        Assert.All(asked, request => Assert.EndsWith(words, request.Prompt, StringComparison.Ordinal));
        Assert.All(questions.Asked.Except(asked), request => Assert.Equal((CredentialKind.UserName, user.Name), (request.Kind, request.Default)));
        await OpensAsync(uri, ConnectAuth.FromCredential(user.Name, user.Password));
    }

    [Fact]
    public async Task A_wrong_credential_is_said_once_whatever_the_host_takes()
    {
        await using SshUser user = await SshUser.CreateAsync();
        string uri = await PasswordUriAsync("both", "UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication yes", user);
        VirtException error = await FailsAsync(uri, ConnectAuth.FromCredential(user.Name, "not the password"));
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains("not accepted", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not the password", error.ToString(), StringComparison.Ordinal);
        error = await FailsAsync($"{uri}&no_tty=1", ConnectAuth.FromCredential(user.Name, user.Password));
        Assert.Contains($"{user.Name}@127.0.0.1 may not log in", error.Message, StringComparison.Ordinal);
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
        OpenRequest request = new(ConnectionUri.Parse(Uri("locked")), OpenOptions.None, auth);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new RemoteDriver().OpenAsync(request, source.Token).AsTask().WaitAsync(Time));
    }

    [Fact]
    public async Task Time_to_answer_is_not_time_to_connect()
    {
        ConnectAuth auth = new(async (_, cancel) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(12), cancel);
            return ["open sesame"];
        });
        await OpensAsync(Uri("locked").Replace("connect_timeout=200", "connect_timeout=11", StringComparison.Ordinal), auth);
    }

    [Theory]
    [InlineData("libssh:///system")]
    [InlineData("libssh://h/system?command=/usr/bin/ssh")]
    [InlineData("libssh2://h/system?sshauth=magic")]
    [InlineData("libssh://h/system?known_hosts_verify=perhaps")]
    [InlineData("libssh://a%60b%60@h/system")]
    public async Task What_a_uri_cannot_mean_is_an_error(string uri)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(() => _world.OpenAsync($"fake+{uri}"));
        Assert.Equal(VirtErrorCode.InvalidArgument, error.Code);
        Assert.NotNull(error.RecommendedAction);
    }

    private string Uri(string key, string parameters = "") =>
        server.LibSshUri(parameters: $"&socket={_world.UnixSocket}&connect_timeout=200{parameters}", key: key);

    /// <summary>A URI for a user that reaches the daemon's socket with a password only.</summary>
    private async Task<string> PasswordUriAsync(string name, string configuration, SshUser user)
    {
        string socket = _world.UnixSocket;
        SeparateUser.Let(_world.Folder);
        Account account = Accounts.FindUser(user.Name)!;
        SeparateUser.Own(socket, account.User, account.Group);
        int port = await server.StartAsync(name, configuration);
        return server.LibSshUri(port, $"&no_verify=1&sshauth=keyboard-interactive,password&socket={socket}&connect_timeout=200", $"{user.Name}@127.0.0.1");
    }

    private async Task OpensAsync(string uri, ConnectAuth auth)
    {
        await using var connection = await _world.OpenAsync(uri, auth);
        Assert.Equal("fakehost", connection.HostName);
    }

    private async Task<VirtException> FailsAsync(string uri, ConnectAuth auth)
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => _world.OpenAsync(uri, auth).WaitAsync(Time));
        Assert.NotNull(error.RecommendedAction);
        return error;
    }
}
