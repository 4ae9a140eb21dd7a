using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Virt.Daemon.Pki;
using Virt.Daemon.Rpc.Tls;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>An authority in a folder of its own, and what it issues, good or bad.</summary>
internal sealed class TestPki
{
    private readonly string _folder;
    private readonly SiteAuthority _authority;

    public TestPki(string folder, string name = "Test CA")
    {
        _folder = folder;
        PkiFolder pki = new(folder);
        IssuedCertificate made = SiteAuthority.Create(name, 10);
        pki.WriteKey("cakey.pem", made.Key);
        pki.WriteCertificate("cacert.pem", made.Certificate);
        _authority = SiteAuthority.Load(pki.Authority, pki.AuthorityKey);
        IssueServer(["localhost"], [IPAddress.Loopback]);
        AliceFolder = IssueClient("alice", "Example");
    }

    public string Folder => _folder;

    public string AliceFolder { get; }

    public string Certificate => Path.Combine(_folder, "servercert.pem");

    public string Key => Path.Combine(_folder, "serverkey.pem");

    public string Authority => Path.Combine(_folder, "cacert.pem");

    public string Revocation => Path.Combine(_folder, "cacrl.pem");

    public ServerPki Files => new(Certificate, Key, Authority, File.Exists(Revocation) ? Revocation : null);

    public void IssueServer(IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) => WriteServer(_authority.IssueServer(names, addresses, 5));

    public void WriteServer(IssuedCertificate made)
    {
        PkiFolder pki = new(_folder);
        pki.WriteKey("serverkey.pem", made.Key);
        pki.WriteCertificate("servercert.pem", made.Certificate);
    }

    /// <summary>A client's certificate; returns its pkipath.</summary>
    public string IssueClient(string name, string? organization = null) => WriteClient(name, _authority.IssueClient(name, organization, 5));

    public string WriteClient(string name, IssuedCertificate made)
    {
        PkiFolder client = new(Path.Combine(_folder, "clients", name));
        client.WriteKey("clientkey.pem", made.Key);
        client.WriteCertificate("clientcert.pem", made.Certificate);
        client.WriteCertificate("cacert.pem", _authority.Certificate);
        return client.Path;
    }

    /// <summary>A folder with the authority's certificate alone.</summary>
    public string NoClient()
    {
        PkiFolder client = new(Path.Combine(_folder, "none"));
        client.WriteCertificate("cacert.pem", _authority.Certificate);
        return client.Path;
    }

    /// <summary>A certificate as no good authority makes it.</summary>
    public IssuedCertificate Issue(string name, string purpose, DateTimeOffset from, DateTimeOffset to)
    {
        using X509Certificate2 issuer = X509Certificate2.CreateFromPemFile(Authority, Path.Combine(_folder, "cakey.pem"));
        using ECDsa issuerKey = issuer.GetECDsaPrivateKey()!;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).ForPeer(purpose, issuer);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), from, to, RandomNumberGenerator.GetBytes(8));
        return new(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Revoke(string certificatePath, DateTimeOffset nextUpdate)
    {
        using X509Certificate2 issuer = X509Certificate2.CreateFromPemFile(Authority, Path.Combine(_folder, "cakey.pem"));
        using X509Certificate2 revoked = X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath));
        CertificateRevocationListBuilder list = new();
        list.AddEntry(revoked);
        byte[] encoded = list.Build(issuer, 1, nextUpdate, HashAlgorithmName.SHA256, thisUpdate: nextUpdate.AddDays(-9));
        File.WriteAllText(Revocation, PemEncoding.WriteString("X509 CRL", encoded));
    }
}
