using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Virt.Daemon.Pki;
using Virt.Errors;
using Virt.Remote;
using Virt.Remote.Tls;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>Each way in which one side does not accept the other, and what the user is told.</summary>
public sealed class TlsRefusalTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TestDaemon _world = new();
    private readonly TestPki _pki;

    public TlsRefusalTests() => _pki = new(Path.Combine(_world.Folder, "pki"));

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Without_the_authoritys_certificate_the_error_says_where_it_was_looked_for()
    {
        string empty = Directory.CreateDirectory(Path.Combine(_world.Folder, "empty")).FullName;
        await FailsAsync(VirtErrorCode.SystemError, $"pkipath={empty}", $"{empty}/cacert.pem");
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_trusted()
    {
        TestPki other = new(Path.Combine(_world.Folder, "other"), "Other CA");
        await FailsAsync(VirtErrorCode.AuthenticationFailed, $"pkipath={other.AliceFolder}", "'CN=localhost' was issued by 'CN=Test CA'", "'CN=Other CA'");
    }

    [Fact]
    public async Task An_authority_of_the_same_name_with_another_key_is_not_trusted()
    {
        TestPki other = new(Path.Combine(_world.Folder, "other"));
        await FailsAsync(VirtErrorCode.AuthenticationFailed, $"pkipath={other.AliceFolder}", "cannot be trusted");
    }

    [Fact]
    public async Task A_certificate_for_other_names_is_refused_and_they_are_said()
    {
        _pki.IssueServer(["kvm1.example", "*.lab.example"], [IPAddress.Parse("10.0.0.5")]);
        await FailsAsync(VirtErrorCode.AuthenticationFailed, Alice, "not for the name 'localhost'", "kvm1.example, *.lab.example, 10.0.0.5");
    }

    [Fact]
    public async Task An_address_must_be_in_the_certificate_too()
    {
        _pki.IssueServer(["localhost"], []);
        VirtException error = await FailsAsync(VirtErrorCode.AuthenticationFailed, Alice, host: "127.0.0.1");
        Assert.Contains("not for the name '127.0.0.1'; it is for localhost", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-10, -1, "has expired on")]
    [InlineData(1, 5, "is not valid before")]
    public async Task A_certificate_out_of_its_time_is_refused(int from, int to, string reason)
    {
        _pki.WriteServer(_pki.Issue("localhost", TrustedAuthorities.ForServers, Now.AddDays(from), Now.AddDays(to)));
        await FailsAsync(VirtErrorCode.AuthenticationFailed, Alice, reason);
    }

    [Fact]
    public async Task A_clients_certificate_does_not_make_a_server()
    {
        _pki.WriteServer(_pki.Issue("localhost", TrustedAuthorities.ForClients, Now.AddDays(-1), Now.AddDays(1)));
        await FailsAsync(VirtErrorCode.AuthenticationFailed, Alice, "TLS client");
    }

    [Fact]
    public async Task Without_verification_any_server_is_taken_but_the_client_still_has_to_be_known()
    {
        _pki.WriteServer(_pki.Issue("elsewhere", TrustedAuthorities.ForServers, Now.AddDays(-9), Now.AddDays(-1)));
        File.Delete(Path.Combine(_pki.AliceFolder, "cacert.pem"));
        int port = _world.ListenTls(_pki);
        await using RemoteDriverConnection connection = await _world.OpenAsync($"fake+tls://127.0.0.1:{port}/system?{Alice}&no_verify=1");
        Assert.Equal("fakehost", connection.HostName);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_told_to_have_one_made() =>
        await RefusedAsync($"pkipath={_pki.NoClient()}", "none was sent");

    [Fact]
    public async Task A_client_of_another_authority_is_told_so()
    {
        TestPki other = new(Path.Combine(_world.Folder, "other"), "Other CA");
        File.Copy(_pki.Authority, Path.Combine(other.AliceFolder, "cacert.pem"), overwrite: true);
        await RefusedAsync($"pkipath={other.AliceFolder}", "'CN=alice,O=Example' was issued by 'CN=Other CA'");
    }

    [Fact]
    public async Task A_client_whose_certificate_has_expired_is_told_so()
    {
        string late = _pki.WriteClient("late", _pki.Issue("late", TrustedAuthorities.ForClients, Now.AddDays(-9), Now.AddDays(-1)));
        await RefusedAsync($"pkipath={late}", "'CN=late' has expired on");
    }

    [Fact]
    public async Task A_servers_certificate_does_not_make_a_client()
    {
        string server = _pki.WriteClient("server", _pki.Issue("server", TrustedAuthorities.ForServers, Now.AddDays(-1), Now.AddDays(1)));
        await RefusedAsync($"pkipath={server}", "TLS server");
    }

    [Fact]
    public async Task A_revoked_client_is_refused_and_others_are_not()
    {
        string bob = _pki.IssueClient("bob");
        _pki.Revoke(Path.Combine(bob, "clientcert.pem"), Now.AddDays(1));
        int port = await RefusedAsync($"pkipath={bob}", "'CN=bob' has been revoked");
        await using RemoteDriverConnection alice = await _world.OpenAsync($"fake+tls://localhost:{port}/system?{Alice}");
    }

    [Fact]
    public async Task A_list_of_revoked_certificates_that_is_overdue_lets_nobody_in()
    {
        string bob = _pki.IssueClient("bob");
        _pki.Revoke(Path.Combine(bob, "clientcert.pem"), Now.AddDays(-1));
        await RefusedAsync(Alice, "should have been renewed");
    }

    [Fact]
    public async Task A_revoked_server_is_refused()
    {
        _pki.Revoke(_pki.Certificate, Now.AddDays(1));
        File.Copy(_pki.Revocation, Path.Combine(_pki.AliceFolder, "cacrl.pem"));
        await FailsAsync(VirtErrorCode.AuthenticationFailed, Alice, "'CN=localhost' has been revoked");
    }

    [Fact]
    public async Task Only_clients_on_the_list_are_let_in_and_the_others_learn_their_name()
    {
        int port = _world.ListenTls(_pki, allowed: ["CN=b?b,*", "*,O=Example"]);
        await using RemoteDriverConnection alice = await _world.OpenAsync($"fake+tls://localhost:{port}/system?{Alice}");
        string carol = _pki.IssueClient("carol", "Elsewhere");
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => _world.OpenAsync($"fake+tls://localhost:{port}/system?pkipath={carol}"));
        Assert.Equal((VirtErrorCode.AuthenticationFailed, "the daemon does not let in 'CN=carol,O=Elsewhere'"), (error.Code, error.Message));
        Assert.Contains("tls.allowedClients", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_is_not_let_in_can_do_nothing()
    {
        await RefusedAsync($"pkipath={_pki.NoClient()}", "none was sent");
        await _world.Loggers.WaitAsync("disconnected: refused", _world.Time);
        Assert.Equal(0, _world.Hypervisor.Changes);
    }

    [Theory]
    [InlineData("tls_priority=NORMAL", VirtErrorCode.NoSupport)]
    [InlineData("no_verify=yes", VirtErrorCode.InvalidArgument)]
    public async Task A_parameter_that_cannot_be_followed_is_an_error(string parameter, VirtErrorCode code)
    {
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => _world.OpenAsync($"fake+tls://localhost/system?{parameter}"));
        Assert.Equal(code, error.Code);
    }

    [Fact]
    public async Task A_key_that_everyone_can_read_is_not_used()
    {
        string key = Path.Combine(_pki.AliceFolder, "clientkey.pem");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        VirtException error = await FailsAsync(VirtErrorCode.SystemError, Alice, "every user of this machine can read", key);
        Assert.Contains($"chmod 600 {key}", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_behind_a_closed_folder_is_used_whatever_its_mode()
    {
        File.SetUnixFileMode(Path.Combine(_pki.AliceFolder, "clientkey.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.SetUnixFileMode(_pki.AliceFolder, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        await using RemoteDriverConnection connection = await _world.OpenAsync($"fake+tls://localhost:{_world.ListenTls(_pki)}/system?{Alice}");
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_named()
    {
        File.Copy(_pki.Key, Path.Combine(_pki.AliceFolder, "clientkey.pem"), overwrite: true);
        await FailsAsync(VirtErrorCode.SystemError, Alice, "is not the private key of the certificate");
    }

    [Fact]
    public async Task A_key_with_a_passphrase_is_an_error_that_says_what_to_do()
    {
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(_pki.AliceFolder, "clientkey.pem"), _world.Time));
        new PkiFolder(_pki.AliceFolder).WriteKey("clientkey.pem", key.ExportEncryptedPkcs8PrivateKeyPem(
            "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        await FailsAsync(VirtErrorCode.SystemError, Alice, "passphrase");
    }

    [Theory]
    [InlineData("cacert.pem", "has no certificate")]
    [InlineData("clientcert.pem", "has no certificate")]
    public async Task A_file_of_rubbish_is_named(string name, string reason)
    {
        string file = Path.Combine(_pki.AliceFolder, name);
        await File.WriteAllTextAsync(file, "rubbish", _world.Time);
        await FailsAsync(VirtErrorCode.SystemError, Alice, file, reason);
    }

    [Fact]
    public async Task A_certificate_without_its_key_is_an_error_in_a_folder_that_was_named()
    {
        string key = Path.Combine(_pki.AliceFolder, "clientkey.pem");
        File.Delete(key);
        await FailsAsync(VirtErrorCode.SystemError, Alice, $"there is no file {key}");
    }

    [Fact]
    public async Task A_port_that_does_not_speak_tls_is_said_to()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync();
        await FailsAsync(VirtErrorCode.SystemError, Alice, "does not speak TLS", port: ((IPEndPoint)listener.LocalEndpoint).Port);
        await answering;

        async Task AnswerAsync()
        {
            using TcpClient accepted = await listener.AcceptTcpClientAsync(_world.Time);
            await accepted.GetStream().WriteAsync("220 mail.example ESMTP ready\r\n"u8.ToArray(), _world.Time);
            await accepted.GetStream().ReadAsync(new byte[1], _world.Time);
        }
    }

    [Fact]
    public async Task The_daemons_tcp_port_is_said_not_to_be_the_one_for_tls()
    {
        VirtException error = await FailsAsync(
            VirtErrorCode.SystemError, Alice, "instead of speaking TLS", port: await _world.ListenTcpAsync(), host: "127.0.0.1");
        Assert.Contains("fake+tcp", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await FailsAsync(VirtErrorCode.SystemError, $"{Alice}&connect_timeout=1", "no connection to", port: ((IPEndPoint)listener.LocalEndpoint).Port);
    }

    /// <summary>As other servers do it: in TLS 1.3 the refusal arrives after the client's side of the handshake.</summary>
    [Fact]
    public async Task A_refusal_after_the_handshake_is_not_just_the_end_of_the_connection()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync();
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(
            () => _world.OpenAsync($"fake+tls://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/system?{Alice}"));
        await answering;
        Assert.True(
            error.Message.Contains("refuses the client certificate 'CN=alice,O=Example'", StringComparison.Ordinal)
                || error.Message.Contains("ended the connection right after the TLS handshake", StringComparison.Ordinal),
            error.Message);

        async Task AnswerAsync()
        {
            using TcpClient accepted = await listener.AcceptTcpClientAsync(_world.Time);
            await using SslStream stream = new(accepted.GetStream());
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(_pki.Certificate, _pki.Key);
            await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, received, _, _) => received is null,
                },
                _world.Time));
        }
    }

    private string Alice => $"pkipath={_pki.AliceFolder}";

    /// <summary>The client refuses, or cannot begin.</summary>
    private async Task<VirtException> FailsAsync(
        VirtErrorCode code, string parameters, string first = "", string second = "", string host = "localhost", int? port = null)
    {
        port ??= _world.ListenTls(_pki);
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => _world.OpenAsync($"fake+tls://{host}:{port}/system?{parameters}"));
        Assert.Equal(code, error.Code);
        Assert.Contains(first, error.Message, StringComparison.Ordinal);
        Assert.Contains(second, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
        return error;
    }

    /// <summary>The daemon refuses.</summary>
    private async Task<int> RefusedAsync(string parameters, string reason)
    {
        int port = _world.ListenTls(_pki);
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => _world.OpenAsync($"fake+tls://localhost:{port}/system?{parameters}"));
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
        return port;
    }
}
