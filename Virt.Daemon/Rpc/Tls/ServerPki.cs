using Virt.Daemon.Hosting;
using Virt.Remote.Tls;

namespace Virt.Daemon.Rpc.Tls;

/// <summary>
/// The files of a server's certificates: what the configuration names, else those in virt/pki of the configuration folder, else
/// those where libvirt has them (https://libvirt.org/kbase/tlscerts.html).
/// </summary>
/// <param name="Certificate">The server's certificate.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authority">The authorities' certificates.</param>
/// <param name="Revocation">Their lists of revoked certificates; null when there are none.</param>
internal sealed record ServerPki(string Certificate, string Key, string Authority, string? Revocation)
{
    /// <summary>Finds them as they are now.</summary>
    /// <param name="config">What the configuration says.</param>
    /// <param name="directories">The daemon's folders.</param>
    public static ServerPki Find(TlsConfig config, VirtDirectories directories)
    {
        string own = directories.Pki, customary = Path.Combine(Path.GetDirectoryName(directories.Config)!, "pki");
        bool ownPair = File.Exists(Path.Combine(own, "servercert.pem")) || !File.Exists(Path.Combine(customary, "libvirt/servercert.pem"));
        (string certificate, string key) = ownPair
            ? (Path.Combine(own, "servercert.pem"), Path.Combine(own, "serverkey.pem"))
            : (Path.Combine(customary, "libvirt/servercert.pem"), Path.Combine(customary, "libvirt/private/serverkey.pem"));
        string authority = config.Ca ?? First(Path.Combine(own, "cacert.pem"), Path.Combine(customary, "CA/cacert.pem"));
        string revocation = config.Crl ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(authority))!, "cacrl.pem");
        return new(
            config.Certificate ?? certificate, config.Key ?? key, authority, config.Crl is not null || File.Exists(revocation) ? revocation : null);
    }

    /// <summary>What changes when one of the files does.</summary>
    public string Stamp() => string.Join('|', new[] { Certificate, Key, Authority, Revocation }.OfType<string>().Select(path =>
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{path} {file.LastWriteTimeUtc.Ticks} {file.Length}" : $"{path} absent";
    }));

    /// <summary>Reads them.</summary>
    /// <exception cref="CertificateException">What is wrong with them.</exception>
    public (TlsCredential Credential, TrustedAuthorities Authorities) Load() =>
        (TlsCredential.Load(Certificate, Key), TrustedAuthorities.Load(Authority, Revocation));

    private static string First(string first, string second) => File.Exists(first) || !File.Exists(second) ? first : second;
}
