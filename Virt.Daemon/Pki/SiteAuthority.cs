using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Virt.Errors;
using Virt.Remote.Tls;

namespace Virt.Daemon.Pki;

/// <summary>The authority of a small site: its certificate, its key, and the certificates it issues. All keys are ECDSA on P-256.</summary>
internal sealed class SiteAuthority : IDisposable
{
    private const int SerialLength = 16;

    /// <summary>Machines whose clock is a little behind take a new certificate all the same.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    private readonly X509Certificate2 _authority;

    private SiteAuthority(X509Certificate2 authority) => _authority = authority;

    /// <summary>The authority's certificate.</summary>
    public string Certificate => _authority.ExportCertificatePem() + "\n";

    /// <summary>Makes a new authority.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="days">How long it is valid.</param>
    public static IssuedCertificate Create(string name, int days)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new CertificateRequest(Subject(name, null), key, HashAlgorithmName.SHA256).ForAuthority();
        DateTimeOffset start = DateTimeOffset.UtcNow - Backdating;
        using X509Certificate2 certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), start, DateTimeOffset.UtcNow.AddDays(days), Serial());
        return Export(certificate, key);
    }

    /// <summary>Reads an authority's certificate and key.</summary>
    /// <exception cref="VirtException">They are not there, or cannot be used.</exception>
    public static SiteAuthority Load(string certificatePath, string keyPath)
    {
        if (!File.Exists(certificatePath) || !File.Exists(keyPath))
        {
            string missing = File.Exists(certificatePath) ? keyPath : certificatePath;
            throw new VirtException(
                VirtErrorCode.OperationInvalid, $"there is no authority: {missing} does not exist", missing,
                "Make one with `virtd pki init`, or name its folder with --pki DIR.");
        }

        try
        {
            using TlsCredential credential = TlsCredential.Load(certificatePath, keyPath);
            return credential.Certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
                ? new(new X509Certificate2(credential.Certificate))
                : throw new CertificateException($"{certificatePath} is not the certificate of an authority", certificatePath, "Use the one that `virtd pki init` has made.");
        }
        catch (CertificateException e)
        {
            throw new VirtException(VirtErrorCode.ConfigurationError, e.Message, e.Path, e.Action, e);
        }
    }

    /// <summary>Issues a server's certificate.</summary>
    /// <param name="hosts">Its names, the first of which is its common name.</param>
    /// <param name="addresses">Its addresses.</param>
    /// <param name="days">How long it is valid.</param>
    public IssuedCertificate IssueServer(IReadOnlyList<string> hosts, IReadOnlyList<IPAddress> addresses, int days)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
            names.AddDnsName(host);
        foreach (IPAddress address in addresses)
            names.AddIpAddress(address);
        string common = hosts.Count > 0 ? hosts[0] : addresses[0].ToString();
        return Issue(Subject(common, null), TrustedAuthorities.ForServers, names.Build(), days);
    }

    /// <summary>Issues a client's certificate.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="organization">Its organization; null for none.</param>
    /// <param name="days">How long it is valid.</param>
    public IssuedCertificate IssueClient(string name, string? organization, int days) =>
        Issue(Subject(name, organization), TrustedAuthorities.ForClients, null, days);

    public void Dispose() => _authority.Dispose();

    private IssuedCertificate Issue(X500DistinguishedName subject, string purpose, X509Extension? names, int days)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).ForPeer(purpose, _authority);
        if (names is not null)
            request.CertificateExtensions.Add(names);
        DateTimeOffset now = DateTimeOffset.UtcNow, authorityEnds = _authority.NotAfter, authorityBegins = _authority.NotBefore;
        if (authorityEnds <= now)
        {
            throw new VirtException(
                VirtErrorCode.OperationInvalid, $"the authority's own certificate has expired on {authorityEnds:yyyy-MM-dd}", null,
                "Make a new authority with `virtd pki init --force`, and new certificates for all.");
        }

        DateTimeOffset start = now - Backdating, end = now.AddDays(days);
        using ECDsa? elliptic = _authority.GetECDsaPrivateKey();
        using RSA? rsa = _authority.GetRSAPrivateKey();
        X509SignatureGenerator signer = elliptic is not null
            ? X509SignatureGenerator.CreateForECDsa(elliptic)
            : X509SignatureGenerator.CreateForRSA(rsa!, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.Create(
            _authority.SubjectName, signer, start > authorityBegins ? start : authorityBegins, end < authorityEnds ? end : authorityEnds, Serial());
        return Export(certificate, key);
    }

    private static X500DistinguishedName Subject(string name, string? organization)
    {
        // The builder encodes from the last to the first, so this reads CN=name,O=organization.
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        if (organization is not null)
            subject.AddOrganizationName(organization);
        return subject.Build();
    }

    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialLength);
        // Positive, and of full length.
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    private static IssuedCertificate Export(X509Certificate2 certificate, ECDsa key) =>
        new(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
}
