using Virt.Connections;

namespace Virt.Remote.Tls;

/// <summary>
/// Where a client's certificates are: in <c>pkipath</c> alone when the URI has it, else at the first place that has them. Users
/// have places of their own, before the machine's, but root has not, as in libvirt (https://libvirt.org/kbase/tlscerts.html).
/// </summary>
internal sealed class ClientPki
{
    private const string Authority = "cacert.pem";
    private const string Revocation = "cacrl.pem";
    private const string Certificate = "clientcert.pem";
    private const string Key = "clientkey.pem";

    private readonly IReadOnlyList<Place> _places;
    private readonly bool _named;

    private ClientPki(IReadOnlyList<Place> places, bool named)
    {
        _places = places;
        _named = named;
    }

    /// <summary>The places for a URI.</summary>
    public static ClientPki For(ConnectionUri uri) =>
        uri.Parameters.TryGetValue("pkipath", out string? folder) ? In(folder) : new(Default(), named: false);

    /// <summary>One folder with cacert.pem, cacrl.pem, clientcert.pem and clientkey.pem.</summary>
    public static ClientPki In(string folder) => new([Folder(folder)], named: true);

    /// <summary>Reads the authorities.</summary>
    /// <exception cref="CertificateException">There are none, or they cannot be read.</exception>
    public TrustedAuthorities LoadAuthorities()
    {
        if (_places.FirstOrDefault(place => File.Exists(place.Authority)) is not { } found)
        {
            throw new CertificateException(
                $"there is no certificate of the authority that vouches for the server; looked for {Joined(place => place.Authority)}",
                _places[0].Authority,
                $"Copy {Authority} from where the server's certificate was made to one of these places, or name its folder with pkipath=DIR.");
        }

        return TrustedAuthorities.Load(found.Authority, _places.Select(place => place.Revocation).FirstOrDefault(File.Exists));
    }

    /// <summary>Reads the client's own certificate; null when there is none, which some servers allow.</summary>
    /// <exception cref="CertificateException">It cannot be used.</exception>
    public TlsCredential? LoadCredential()
    {
        Place? found = _places.FirstOrDefault(place =>
            _named ? File.Exists(place.Certificate) || File.Exists(place.Key) : File.Exists(place.Certificate) && File.Exists(place.Key));
        return found is null ? null : TlsCredential.Load(found.Certificate, found.Key);
    }

    /// <summary>Where a certificate of the client was looked for.</summary>
    public string CredentialPlaces => Joined(place => $"{place.Certificate} with {place.Key}");

    private static List<Place> Default()
    {
        var places = new List<Place>();
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
            string configuration = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            places.Add(Folder(Path.Combine(configuration, "virt", "pki")));
            places.Add(Folder(Path.Combine(home, ".pki", "libvirt")));
        }

        if (OperatingSystem.IsWindows())
        {
            places.Add(Folder(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "virt", "pki")));
            return places;
        }

        places.Add(Folder("/etc/virt/pki"));
        places.Add(new("/etc/pki/CA/cacert.pem", "/etc/pki/CA/cacrl.pem", "/etc/pki/libvirt/clientcert.pem", "/etc/pki/libvirt/private/clientkey.pem"));
        return places;
    }

    private static Place Folder(string folder)
    {
        string full = Path.GetFullPath(folder);
        return new(Path.Combine(full, Authority), Path.Combine(full, Revocation), Path.Combine(full, Certificate), Path.Combine(full, Key));
    }

    private string Joined(Func<Place, string> file) => string.Join(", ", _places.Select(file));

    private sealed record Place(string Authority, string Revocation, string Certificate, string Key);
}
