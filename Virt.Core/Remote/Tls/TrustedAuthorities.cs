using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Virt.Remote.Tls;

/// <summary>
/// The authorities whose certificates are accepted: exactly those of one file, and none of the system's. Nothing is fetched from
/// the network; what was revoked is known from a file as well.
/// </summary>
internal sealed class TrustedAuthorities : IDisposable
{
    public const string ForServers = "1.3.6.1.5.5.7.3.1";
    public const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly string _path;
    private readonly X509Certificate2Collection _authorities;
    private readonly RevocationLists _revoked;

    private TrustedAuthorities(string path, X509Certificate2Collection authorities, RevocationLists revoked)
    {
        _path = path;
        _authorities = authorities;
        _revoked = revoked;
    }

    /// <summary>The authorities' names, for people.</summary>
    public string Names => string.Join(" or ", _authorities.Select(authority => $"'{DistinguishedName.Format(authority.SubjectName)}'"));

    /// <summary>Reads them.</summary>
    /// <param name="path">The authorities' certificates, as cacert.pem.</param>
    /// <param name="revocationPath">Their lists of revoked certificates, as cacrl.pem; null for none.</param>
    /// <exception cref="CertificateException">What is wrong with the files.</exception>
    public static TrustedAuthorities Load(string path, string? revocationPath)
    {
        X509Certificate2Collection authorities = PemFile.ReadCertificates(path);
        if (!authorities.Any(authority => authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData)))
        {
            throw new CertificateException(
                $"{path} has no authority that signed itself", path, "Append the certificate of the root authority to the file.");
        }

        return new(path, authorities, revocationPath is null ? RevocationLists.None : RevocationLists.Load(revocationPath, authorities));
    }

    /// <summary>For a handshake whose result does not depend on the chain: nothing is fetched from the network either.</summary>
    public static X509ChainPolicy NoPolicy() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <summary>How a handshake builds the chain from the peer's certificate to an authority.</summary>
    /// <param name="purpose"><see cref="ForServers"/> or <see cref="ForClients"/>.</param>
    public X509ChainPolicy Policy(string purpose)
    {
        X509ChainPolicy policy = NoPolicy();
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(new Oid(purpose));
        return policy;
    }

    /// <summary>Judges a chain that was built by <see cref="Policy"/>; null when the certificate is good, else what is wrong with it.</summary>
    public CertificateVerdict? Judge(X509Chain chain)
    {
        X509ChainStatusFlags all = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        X509Certificate2 leaf = chain.ChainElements[0].Certificate;
        string name = DistinguishedName.Format(leaf.SubjectName);
        const X509ChainStatusFlags WrongAuthority = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain
            | X509ChainStatusFlags.NotSignatureValid;
        if ((all & WrongAuthority) != 0)
        {
            return new(
                $"the certificate '{name}' was issued by '{DistinguishedName.Format(leaf.IssuerName)}' and not by an authority that is trusted here, {Names}",
                $"Both sides need certificates of one authority; the trusted one is in {_path}.");
        }

        if (all.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return Untimely(chain);
        if (all.HasFlag(X509ChainStatusFlags.NotValidForUsage))
        {
            return new(
                $"the certificate '{name}' is not for this purpose: its extended key usage is {Usages(leaf)}",
                "Make a certificate for TLS servers (`virtd pki server`) or clients (`virtd pki client`) as fits.");
        }

        if (all != X509ChainStatusFlags.NoError)
        {
            string details = string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation.Trim()));
            return new($"the certificate '{name}' cannot be accepted ({all}): {details}", "Make a new certificate.");
        }

        return _revoked.Judge(chain);
    }

    /// <summary>Judges a server's own certificate, as its clients will.</summary>
    public CertificateVerdict? Judge(TlsCredential credential)
    {
        using X509Chain chain = new() { ChainPolicy = Policy(ForServers) };
        chain.ChainPolicy.ExtraStore.AddRange(credential.Intermediates);
        _ = chain.Build(credential.Certificate);
        return Judge(chain);
    }

    public void Dispose()
    {
        foreach (X509Certificate2 authority in _authorities)
            authority.Dispose();
    }

    private static CertificateVerdict Untimely(X509Chain chain)
    {
        X509Certificate2 one = chain.ChainElements.First(element =>
            element.ChainElementStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))).Certificate;
        string name = DistinguishedName.Format(one.SubjectName);
        return one.NotBefore > DateTime.Now
            ? new($"the certificate '{name}' is not valid before {Time(one.NotBefore)}", "Check the clocks of both machines.")
            : new($"the certificate '{name}' has expired on {Time(one.NotAfter)}", "Renew it, for example with `virtd pki`, and check the clocks.");
    }

    private static string Usages(X509Certificate2 certificate) => string.Join(
        ", ",
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>())
            .Select(usage => usage.Value switch { ForServers => "TLS server", ForClients => "TLS client", _ => usage.Value }));

    private static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
