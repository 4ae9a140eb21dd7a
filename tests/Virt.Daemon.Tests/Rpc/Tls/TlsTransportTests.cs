using Virt.Connections;
using Virt.Daemon.Rpc;
using Virt.Errors;
using Virt.Remote;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>The suite over TLS with certificates on both sides.</summary>
public sealed class TlsTransportTests : TransportSuite
{
    private readonly Dictionary<TestDaemon, string> _uris = [];

    private protected override Task<Stream> ConnectAsync(TestDaemon world)
    {
        if (!_uris.TryGetValue(world, out string? uri))
        {
            TestPki pki = new(Path.Combine(world.Folder, "pki"));
            _uris[world] = uri = $"fake+tls://localhost:{world.ListenTls(pki)}/system?pkipath={pki.AliceFolder}";
        }

        return world.ConnectAsync(uri);
    }

    [Fact]
    public async Task A_host_without_a_transport_means_tls()
    {
        TestPki pki = new(Path.Combine(World.Folder, "pki"));
        await using RemoteDriverConnection connection =
            await World.OpenAsync($"fake://127.0.0.1:{World.ListenTls(pki)}/system?pkipath={pki.AliceFolder}&no_sanity=1");
        Assert.Equal("fakehost", (await connection.Hypervisor.GetHostAsync(Time)).HostName);
    }

    [Fact]
    public async Task A_client_is_who_its_certificate_says_and_no_administrator()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        ServerClient client = Assert.Single(World.Server.Clients);
        Assert.Equal(new CertificateIdentity("CN=alice,O=Example"), client.Session.Identity);
        Assert.Equal("tls", client.Peer.Transport);
        await Assert.ThrowsAsync<VirtAccessDeniedException>(() => connection.Admin.GetDaemonAsync(Time).AsTask());
    }

    [Fact]
    public async Task Without_certificates_of_clients_a_password_authenticates()
    {
        TestPki pki = new(Path.Combine(World.Folder, "pki"));
        string uri = $"fake+tls://localhost:{World.ListenTls(pki, verifyClient: false)}/system?pkipath={pki.NoClient()}";
        await World.Users.AddAsync(TestDaemon.User, TestDaemon.Password, Time);
        await using RemoteDriverConnection connection =
            await World.OpenAsync(uri, ConnectAuth.FromCredential(TestDaemon.User, TestDaemon.Password));
        Assert.Equal(new PasswordIdentity(TestDaemon.User), Assert.Single(World.Server.Clients).Session.Identity);
        VirtException none = await Assert.ThrowsAsync<VirtException>(() => World.OpenAsync(uri));
        Assert.Equal(VirtErrorCode.AuthenticationCancelled, none.Code);
    }
}
