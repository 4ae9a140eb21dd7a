using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Virt.Remote.Tls;

/// <summary>A certificate with its private key, and the certificates that lead from it towards the authority.</summary>
internal sealed class TlsCredential : IDisposable
{
    private TlsCredential(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        Certificate = certificate;
        Intermediates = chain;
        Name = DistinguishedName.Format(certificate.SubjectName);
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    /// <summary>The certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The certificates between it and the authority, as far as its file has them.</summary>
    public X509Certificate2Collection Intermediates { get; }

    /// <summary>Its subject, as <see cref="DistinguishedName"/> spells it.</summary>
    public string Name { get; }

    /// <summary>What a handshake takes.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Reads a certificate (the first of its file; the others are sent along) and its key.</summary>
    /// <exception cref="CertificateException">What is wrong with the files.</exception>
    public static TlsCredential Load(string certificatePath, string keyPath)
    {
        X509Certificate2Collection chain = PemFile.ReadCertificates(certificatePath);
        X509Certificate2 leaf = chain[0];
        chain.RemoveAt(0);
        string key = PemFile.ReadKey(keyPath);
        if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new CertificateException(
                $"the private key {keyPath} is protected by a passphrase", keyPath,
                $"Store it without one, in a file that only its owner can read: `openssl pkey -in {keyPath} -out NEW`.");
        }

        try
        {
            using X509Certificate2 paired = X509Certificate2.CreateFromPem(leaf.ExportCertificatePem(), key);
            leaf.Dispose();
            return new(Usable(paired), chain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateException(
                $"{keyPath} is not the private key of the certificate {certificatePath}: {e.Message}", keyPath,
                "Use the key that the certificate was made for, RSA or ECDSA, in PEM.", e);
        }
    }

    public void Dispose()
    {
        Certificate.Dispose();
        foreach (X509Certificate2 certificate in Intermediates)
            certificate.Dispose();
    }

    /// <summary>Windows' TLS takes no key that was never stored, so it gets the pair as PKCS #12.</summary>
    private static X509Certificate2 Usable(X509Certificate2 paired) => OperatingSystem.IsWindows()
        ? X509CertificateLoader.LoadPkcs12(paired.Export(X509ContentType.Pkcs12), null)
        : new X509Certificate2(paired);
}
