using Virt.Connections;
using Virt.Errors;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>Which keys of a real server are trusted, and what comes of one that is not.</summary>
public sealed class LibSshHostKeyTests(SshServer server) : IClassFixture<SshServer>, IAsyncDisposable
{
    private readonly TestDaemon _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("virt-known-").FullName;

    private string Known => Path.Combine(_folder, "ssh", "known_hosts");

    private string Name => $"[127.0.0.1]:{server.Port}";

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_key_that_nobody_knows_is_not_trusted()
    {
        VirtException error = await FailsAsync(Uri());
        Assert.Equal((VirtErrorCode.AuthenticationFailed, "the key of 127.0.0.1 is not known"), (error.Code, error.Message));
        Assert.Contains("ED25519 key fingerprint is SHA256:", error.RecommendedAction, StringComparison.Ordinal);
        Assert.False(File.Exists(Known));
        error = await FailsAsync(Uri("&no_tty=1"), new Questions("yes").Auth);
        Assert.Equal("the key of 127.0.0.1 is not known", error.Message);
    }

    [Fact]
    public async Task The_user_is_asked_and_the_key_is_remembered()
    {
        Questions questions = new("yes");
        await OpensAsync(Uri(), questions.Auth);
        CredentialRequest asked = Assert.Single(questions.Asked);
        Assert.Equal(CredentialKind.Confirmation, asked.Kind);
        Assert.StartsWith($"The authenticity of host '{Name}' can't be established.\nED25519 key fingerprint is SHA256:", asked.Prompt, StringComparison.Ordinal);
        Assert.Equal($"{Name} {await server.PublicKeyAsync("host")}\n", await File.ReadAllTextAsync(Known, _world.Time));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Known));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(Known)!));
        // Nobody is asked any more, and ssh itself knows the host now.
        await OpensAsync(Uri(), ConnectAuth.None);
        await Programs.RunAsync("ssh-keygen", "-F", Name, "-f", Known);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("SHA256:something")]
    public async Task What_the_user_does_not_accept_is_not_connected(string answer)
    {
        VirtException error = await FailsAsync(Uri(), new Questions(answer).Auth);
        Assert.Equal(VirtErrorCode.AuthenticationCancelled, error.Code);
        Assert.Contains("SHA256:", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Known));
    }

    [Fact]
    public async Task A_credential_accepts_no_key()
    {
        VirtException error = await FailsAsync(Uri(), ConnectAuth.FromCredential("root", "yes"));
        Assert.Equal(VirtErrorCode.AuthenticationCancelled, error.Code);
    }

    [Fact]
    public async Task A_new_key_is_accepted_and_remembered_when_the_uri_says_so()
    {
        await OpensAsync(Uri("&known_hosts_verify=auto"), ConnectAuth.None);
        Assert.StartsWith(Name, await File.ReadAllTextAsync(Known, _world.Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_key_is_accepted_and_none_remembered_when_the_uri_says_so()
    {
        await OpensAsync(Uri("&no_verify=1"), ConnectAuth.None);
        Assert.False(File.Exists(Known));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&known_hosts_verify=auto")]
    public async Task A_host_whose_key_has_changed_is_not_connected(string parameters)
    {
        Questions questions = new("yes");
        await KnowAsync($"{Name} {await server.PublicKeyAsync("stranger")}");
        VirtException error = await FailsAsync(Uri(parameters), questions.Auth);
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains($"not the one that is known (line 1 of {Known})", error.Message, StringComparison.Ordinal);
        Assert.Contains("(it shows ED25519 SHA256:", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("somebody may be listening in", error.Message, StringComparison.Ordinal);
        Assert.Contains($"ssh-keygen -f {Known} -R {Name}", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(questions.Asked);
    }

    [Fact]
    public async Task A_key_of_another_type_is_a_changed_one_where_the_host_has_lost_its_own()
    {
        string rsa = (await server.PublicKeyAsync("pem")).Split(' ')[1];
        await KnowAsync($"{Name} ssh-rsa {rsa}");
        VirtException error = await FailsAsync(Uri("&known_hosts_verify=auto"));
        Assert.Contains("not the one that is known", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_whatever_else_is_said_about_it()
    {
        string key = await server.PublicKeyAsync("host");
        await KnowAsync($"{Name} {key}\n@revoked * {key}");
        VirtException error = await FailsAsync(Uri(), new Questions("yes").Auth);
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains($"has been revoked: line 2 of {Known}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_shows_the_key_that_is_known()
    {
        await KnowAsync($"{Name} {await server.PublicKeyAsync("host_ecdsa")}");
        await OpensAsync(Uri(), ConnectAuth.None);
    }

    [Fact]
    public async Task Hashed_names_of_ssh_keygen_are_known()
    {
        await KnowAsync($"{Name} {await server.PublicKeyAsync("host")}");
        await Programs.RunAsync("ssh-keygen", "-H", "-f", Known);
        Assert.StartsWith("|1|", await File.ReadAllTextAsync(Known, _world.Time), StringComparison.Ordinal);
        await OpensAsync(Uri(), ConnectAuth.None);
    }

    private string Uri(string parameters = "") => server.LibSshUri(
        parameters: $"&socket={_world.UnixSocket}&connect_timeout=200{parameters}").Replace(server.File("known"), Known, StringComparison.Ordinal);

    private async Task KnowAsync(string lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Known)!);
        await File.WriteAllTextAsync(Known, lines + "\n", _world.Time);
    }

    private async Task OpensAsync(string uri, ConnectAuth auth)
    {
        await using var connection = await _world.OpenAsync(uri, auth);
        Assert.Equal("fakehost", connection.HostName);
    }

    private async Task<VirtException> FailsAsync(string uri, ConnectAuth? auth = null)
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => _world.OpenAsync(uri, auth).WaitAsync(_world.Time));
        Assert.NotNull(error.RecommendedAction);
        return error;
    }
}
