using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Virt.Daemon.Pki;

/// <summary>What an authority writes into certificates (RFC 5280).</summary>
internal static class CertificateRequestExtensions
{
    /// <summary>An authority that issues certificates but no further authorities.</summary>
    public static CertificateRequest ForAuthority(this CertificateRequest request)
    {
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    /// <summary>One side of TLS.</summary>
    /// <param name="request">The request.</param>
    /// <param name="purpose">The extended key usage.</param>
    /// <param name="authority">The issuer.</param>
    public static CertificateRequest ForPeer(this CertificateRequest request, string purpose, X509Certificate2 authority)
    {
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        // Not critical: libvirt before 10.6 takes no certificate whose critical key usage is without key encipherment, which has no
        // meaning for a key on an elliptic curve (RFC 8813).
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: false));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        return request;
    }
}
