using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;
using Virt.Remote.Transports;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>TLS with a real virtd and certificates of <c>virtd pki</c>, of OpenSSL and of GnuTLS.</summary>
public sealed partial class TlsTests
{
    private const string Config = """{ "tls": { "enabled": true, "address": "127.0.0.1", "port": 0 } }""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificates_of_virtd_pki_connect_and_the_daemon_knows_its_client_by_name()
    {
        using Place place = new();
        await PkiAsync(place, "init");
        await PkiAsync(place, "server", "--host", "localhost", "--address", "127.0.0.1");
        string advice = await PkiAsync(place, "client", "alice", "--organization", "Example");
        Assert.Contains($"pkipath={place.Pki}/clients/alice", advice, StringComparison.Ordinal);
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(place.Root, Config);
        await daemon.LogAsync(log => log.Contains("TLS serves the certificate 'CN=localhost'", StringComparison.Ordinal));

        await using VirtConnection connection = await OpenAsync(daemon, $"{place.Pki}/clients/alice");
        Assert.NotEmpty(await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
        (_, string status, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("status", "--root", place.Root));
        Assert.Contains("CN=alice,O=Example", status, StringComparison.Ordinal);
        (_, string check, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("check", "--root", place.Root));
        Assert.Matches(@"PASS\s+tls\s+.*servercert\.pem is for 'CN=localhost' until", check);
    }

    [Fact]
    public async Task A_hangup_signal_reads_the_certificates_again_and_ends_nothing()
    {
        using Place place = new();
        await PkiAsync(place, "init");
        await PkiAsync(place, "server", "--host", "localhost");
        await PkiAsync(place, "client", "alice");
        // Whoever runs the tests may have them ignore it (nohup).
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(place.Root, Config, prefix: ["env", "--default-signal=HUP"]);
        await PkiAsync(place, "server", "--host", "localhost", "--host", "renewed.example", "--force");
        using (Process hangup = Process.Start("kill", ["-HUP", $"{daemon.ProcessId}"]))
            await hangup.WaitForExitAsync(Cancel);
        await daemon.LogAsync(log => Loaded().Count(log) == 2);
        await using VirtConnection connection = await OpenAsync(daemon, $"{place.Pki}/clients/alice", host: "localhost");
    }

    [Fact]
    public async Task Files_that_are_there_are_not_replaced_unless_asked_for()
    {
        using Place place = new();
        await PkiAsync(place, "init");
        string before = await File.ReadAllTextAsync($"{place.Pki}/cakey.pem", Cancel);
        (int exitCode, _, string error) = await VirtdProcess.RunAsync(VirtdProcess.Command("pki", "init", "--root", place.Root));
        Assert.Equal(1, exitCode);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync($"{place.Pki}/cakey.pem", Cancel));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{place.Pki}/cakey.pem"));
    }

    [Fact]
    public async Task OpenSSL_and_GnuTLS_take_the_certificates_of_virtd_pki()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl") && File.Exists("/usr/bin/certtool"), "openssl and gnutls-bin are not installed");
        using Place place = new();
        await PkiAsync(place, "init");
        await PkiAsync(place, "server", "--host", "kvm1.example", "--address", "10.0.0.5");
        await PkiAsync(place, "client", "alice");
        string p = place.Pki;
        await ToolAsync("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "kvm1.example", "-CAfile", $"{p}/cacert.pem", $"{p}/servercert.pem");
        await ToolAsync("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_ip", "10.0.0.5", "-CAfile", $"{p}/cacert.pem", $"{p}/servercert.pem");
        await ToolAsync("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", $"{p}/cacert.pem", $"{p}/clients/alice/clientcert.pem");
        await ToolAsync("certtool", "--verify", "--verify-profile", "medium", "--verify-hostname", "kvm1.example", "--load-ca-certificate", $"{p}/cacert.pem", "--infile", $"{p}/servercert.pem");
        await ToolAsync("certtool", "--verify", "--verify-profile", "medium", "--load-ca-certificate", $"{p}/cacert.pem", "--infile", $"{p}/clients/alice/clientcert.pem");
    }

    /// <summary>As https://libvirt.org/kbase/tlscerts.html has them made, at libvirt's places on the server.</summary>
    [Fact]
    public async Task Certificates_that_were_made_for_libvirt_work_where_libvirt_has_them()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/certtool"), "gnutls-bin is not installed");
        using Place place = new();
        string ca = Directory.CreateDirectory($"{place.Root}/etc/pki/CA").FullName, own = Directory.CreateDirectory($"{place.Root}/etc/pki/libvirt/private").FullName;
        string client = Directory.CreateDirectory($"{place.Root}/client").FullName;
        await CertToolAsync(place, $"{ca}/cacert.pem", $"{place.Root}/cakey.pem", "--generate-self-signed", "cn = Name of your organization\nca\ncert_signing_key\n");
        await CertToolAsync(
            place, $"{own}/../servercert.pem", $"{own}/serverkey.pem", "--generate-certificate",
            "organization = Example\ncn = localhost\ndns_name = localhost\nip_address = 127.0.0.1\ntls_www_server\nencryption_key\nsigning_key\n");
        await CertToolAsync(
            place, $"{client}/clientcert.pem", $"{client}/clientkey.pem", "--generate-certificate",
            "country = GB\nstate = London\nlocality = London\norganization = Libvirt Project\ncn = client1\ntls_www_client\nencryption_key\nsigning_key\n");
        File.Copy($"{ca}/cacert.pem", $"{client}/cacert.pem");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(
            place.Root, Config.Replace("\"port\": 0", "\"port\": 0, \"allowedClients\": [ \"CN=*,O=Libvirt Project,L=London,ST=London,C=GB\" ]", StringComparison.Ordinal));
        await using VirtConnection connection = await OpenAsync(daemon, client);
        Assert.NotEmpty(await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
    }

    /// <summary>The server sends the intermediate authority along; the client knows the root.</summary>
    [Fact]
    public async Task A_chain_with_an_intermediate_authority_of_OpenSSL_is_followed()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "openssl is not installed");
        using Place place = new();
        string p = Directory.CreateDirectory(place.Pki).FullName;
        await RequestAsync("root", "/O=Example/CN=Root", "-x509", "-addext", "basicConstraints=critical,CA:TRUE");
        await RequestAsync("middle", "/O=Example/CN=Middle", "-CA", $"{p}/root.pem", "-CAkey", $"{p}/root.key", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0");
        await RequestAsync("server", "/CN=localhost", "-CA", $"{p}/middle.pem", "-CAkey", $"{p}/middle.key", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE");
        await RequestAsync("alice", "/O=Example/CN=alice", "-CA", $"{p}/middle.pem", "-CAkey", $"{p}/middle.key", "-addext", "basicConstraints=CA:FALSE");
        string middle = await File.ReadAllTextAsync($"{p}/middle.pem", Cancel);
        foreach ((string from, string to) in new[] { ("server", "servercert"), ("alice", "clientcert") })
            await File.WriteAllTextAsync($"{p}/{to}.pem", await File.ReadAllTextAsync($"{p}/{from}.pem", Cancel) + middle, Cancel);
        File.Copy($"{p}/server.key", $"{p}/serverkey.pem");
        File.Copy($"{p}/alice.key", $"{p}/clientkey.pem");
        File.Copy($"{p}/root.pem", $"{p}/cacert.pem");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(place.Root, Config);
        await using VirtConnection connection = await OpenAsync(daemon, p);
        Assert.NotEmpty(await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));

        Task RequestAsync(string name, string subject, params string[] more) => ToolAsync(
            "openssl", ["req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2", "-subj", subject, "-keyout", $"{p}/{name}.key", "-out", $"{p}/{name}.pem", .. more.Where(one => one != "-x509")]);
    }

    [Fact]
    public async Task Without_certificates_the_daemon_says_how_to_make_them()
    {
        using Place place = new();
        Directory.CreateDirectory($"{place.Root}/etc/virt");
        await File.WriteAllTextAsync($"{place.Root}/etc/virt/virtd.json", Config, Cancel);
        (int exitCode, _, string error) = await VirtdProcess.RunAsync(VirtdProcess.Command("--root", place.Root));
        Assert.Equal(1, exitCode);
        Assert.Contains($"{place.Pki}/servercert.pem", error, StringComparison.Ordinal);
        Assert.Contains("virtd pki", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_for_TLS_may_be_inherited()
    {
        using Place place = new();
        await PkiAsync(place, "init");
        await PkiAsync(place, "server", "--address", "127.0.0.1");
        await PkiAsync(place, "client", "alice");
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        ProcessStartInfo command = VirtdProcess.Command("--root", place.Root, "--timeout", "1");
        DetachedProcess.Start(
            command.FileName, [.. command.ArgumentList], [("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "virtd-tls.socket")], listener, $"{place.Root}/log");
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        await using (VirtConnection connection = await VirtConnection.OpenAsync(
            $"test+tls://127.0.0.1:{port}/default?connect_timeout=60&pkipath={place.Pki}/clients/alice", cancel: Cancel))
            Assert.NotEmpty(await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));

        using FileSystemWatcher watcher = new(place.Root, "log") { EnableRaisingEvents = true };
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Changed += (_, _) => Look();
        Look();
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);

        void Look()
        {
            using StreamReader log = new(new FileStream($"{place.Root}/log", FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            if (log.ReadToEnd().Contains("stopping (idle)", StringComparison.Ordinal))
                ended.TrySetResult();
        }
    }

    private static async Task<VirtConnection> OpenAsync(VirtdProcess daemon, string pkipath, string host = "127.0.0.1")
    {
        string port = Listening().Match(await daemon.LogAsync(Listening().IsMatch)).Groups[1].Value;
        return await VirtConnection.OpenAsync($"test://{host}:{port}/default?pkipath={pkipath}&connect_timeout=60", cancel: Cancel);
    }

    private static async Task<string> PkiAsync(Place place, params string[] arguments)
    {
        (int exitCode, string output, string error) =
            await VirtdProcess.RunAsync(VirtdProcess.Command(["pki", .. arguments, "--root", place.Root]));
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static async Task CertToolAsync(Place place, string certificate, string key, string kind, string template)
    {
        string file = $"{place.Root}/template";
        await File.WriteAllTextAsync(file, template, Cancel);
        await ToolAsync("certtool", "--generate-privkey", "--outfile", key);
        string[] issuer = kind == "--generate-self-signed"
            ? []
            : ["--load-ca-certificate", $"{place.Root}/etc/pki/CA/cacert.pem", "--load-ca-privkey", $"{place.Root}/cakey.pem"];
        await ToolAsync("certtool", [kind, "--load-privkey", key, .. issuer, "--template", file, "--outfile", certificate]);
    }

    private static async Task ToolAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        (int exitCode, string output, string error) = await VirtdProcess.RunAsync(start);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}\n{output}{error}");
    }

    [GeneratedRegex(@"tls 127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();

    [GeneratedRegex("TLS serves the certificate")]
    private static partial Regex Loaded();

    /// <summary>A root that is there before its daemon.</summary>
    private sealed class Place : IDisposable
    {
        public string Root { get; } = Directory.CreateTempSubdirectory("virtd-").FullName;

        public string Pki => $"{Root}/etc/virt/pki";

        public void Dispose() => Directory.Delete(Root, recursive: true);
    }
}
