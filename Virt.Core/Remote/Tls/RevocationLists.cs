using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Virt.Remote.Tls;

/// <summary>The lists of revoked certificates of one file, each signed by one of the authorities.</summary>
internal sealed class RevocationLists
{
    private const string Label = "X509 CRL";

    private readonly string _path;
    private readonly IReadOnlyList<RevocationList> _lists;

    private RevocationLists(string path, IReadOnlyList<RevocationList> lists)
    {
        _path = path;
        _lists = lists;
    }

    /// <summary>Nothing is known to be revoked.</summary>
    public static RevocationLists None { get; } = new(string.Empty, []);

    /// <summary>Reads a file.</summary>
    /// <exception cref="CertificateException">It cannot be read, or a list in it is not of an authority.</exception>
    public static RevocationLists Load(string path, X509Certificate2Collection authorities)
    {
        string text = PemFile.ReadText(path);
        var lists = new List<RevocationList>();
        try
        {
            ReadOnlySpan<char> rest = text;
            while (PemEncoding.TryFind(rest, out PemFields fields))
            {
                if (rest[fields.Label].SequenceEqual(Label))
                    lists.Add(RevocationList.Read(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
                rest = rest[fields.Location.End..];
            }
        }
        catch (Exception e) when (e is AsnContentException or FormatException)
        {
            throw new CertificateException($"{path} cannot be read: {e.Message}", path, "Copy the file again, or make it anew.", e);
        }

        if (lists.Count == 0)
            throw new CertificateException($"{path} has no list of revoked certificates", path, $"It must have a block that begins with -----BEGIN {Label}-----.");
        if (lists.Any(list => !authorities.Any(authority =>
            authority.SubjectName.RawData.AsSpan().SequenceEqual(list.Issuer) && list.IsSignedBy(authority))))
        {
            throw new CertificateException(
                $"a list in {path} was not signed by an authority that is trusted here", path, "Use the list of the authority in cacert.pem.");
        }

        return new(path, lists);
    }

    /// <summary>Judges the certificates of a chain; null when none is revoked.</summary>
    public CertificateVerdict? Judge(X509Chain chain)
    {
        foreach (X509Certificate2 certificate in chain.ChainElements.Select(element => element.Certificate))
        {
            foreach (RevocationList list in _lists.Where(list => certificate.IssuerName.RawData.AsSpan().SequenceEqual(list.Issuer)))
            {
                string name = DistinguishedName.Format(certificate.SubjectName);
                if (list.Has(certificate))
                    return new($"the certificate '{name}' has been revoked", "Make a new certificate with a new key.");
                if (list.NextUpdate < DateTimeOffset.UtcNow)
                {
                    return new(
                        string.Create(CultureInfo.InvariantCulture, $"nobody knows whether the certificate '{name}' has been revoked: the authority's list should have been renewed by {list.NextUpdate:yyyy-MM-dd HH:mm} UTC"),
                        $"Renew {_path}, or remove it if nothing is revoked.");
                }
            }
        }

        return null;
    }
}
