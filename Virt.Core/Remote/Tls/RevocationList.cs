using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Virt.Remote.Tls;

/// <summary>A list of revoked certificates (CertificateList of RFC 5280, section 5.1).</summary>
internal sealed class RevocationList
{
    private readonly byte[] _signed;
    private readonly byte[] _signature;
    private readonly string _algorithm;
    private readonly HashSet<BigInteger> _serials = [];

    private RevocationList(ReadOnlyMemory<byte> encoded)
    {
        AsnReader outer = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        _signed = outer.PeekEncodedValue().ToArray();
        AsnReader list = outer.ReadSequence();
        _algorithm = outer.ReadSequence().ReadObjectIdentifier();
        _signature = outer.ReadBitString(out _);

        if (list.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            list.ReadInteger();
        list.ReadSequence();
        Issuer = list.ReadEncodedValue().ToArray();
        Time(list);
        if (list.HasData && IsTime(list))
            NextUpdate = Time(list);
        if (!list.HasData || !list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            return;
        AsnReader entries = list.ReadSequence();
        while (entries.HasData)
            _serials.Add(entries.ReadSequence().ReadInteger());
    }

    /// <summary>The issuer's name, as encoded.</summary>
    public byte[] Issuer { get; }

    /// <summary>When the next list is due; a list that is older is not relied on.</summary>
    public DateTimeOffset? NextUpdate { get; }

    /// <summary>Reads one.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static RevocationList Read(byte[] encoded) => new(encoded);

    /// <summary>Whether it has a certificate's serial number.</summary>
    public bool Has(X509Certificate2 certificate) => _serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isBigEndian: true));

    /// <summary>Whether an authority has signed it.</summary>
    public bool IsSignedBy(X509Certificate2 authority)
    {
        HashAlgorithmName? hash = _algorithm switch
        {
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (hash is not { } name)
            return false;
        if (authority.GetECDsaPublicKey() is { } elliptic)
        {
            using (elliptic)
                return elliptic.VerifyData(_signed, _signature, name, DSASignatureFormat.Rfc3279DerSequence);
        }

        using RSA? rsa = authority.GetRSAPublicKey();
        return rsa?.VerifyData(_signed, _signature, name, RSASignaturePadding.Pkcs1) ?? false;
    }

    private static bool IsTime(AsnReader reader) =>
        reader.PeekTag() is { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.UtcTime or (int)UniversalTagNumber.GeneralizedTime };

    private static DateTimeOffset Time(AsnReader reader) =>
        reader.PeekTag().TagValue == (int)UniversalTagNumber.UtcTime ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
