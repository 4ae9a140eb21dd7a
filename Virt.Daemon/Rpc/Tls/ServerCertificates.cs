using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Virt.Errors;
using Virt.Remote.Tls;

namespace Virt.Daemon.Rpc.Tls;

/// <summary>
/// The server's certificate and the authorities it trusts, read again when the files have changed, so that a renewal needs no
/// restart. New files that cannot be used leave the old ones in use.
/// </summary>
/// <param name="find">Finds the files.</param>
/// <param name="verifyClient">Whether clients need a certificate.</param>
/// <param name="logger">Gets what was read and what could not be.</param>
internal sealed class ServerCertificates(Func<ServerPki> find, bool verifyClient, ILogger logger)
{
    private readonly Lock _gate = new();
    private string _stamp = string.Empty;
    private Loaded? _current;

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>: what is wrong with them.</exception>
    public void Load()
    {
        ServerPki files = find();
        try
        {
            lock (_gate)
                Take(files, files.Stamp());
        }
        catch (CertificateException e)
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationError, $"TLS has no certificate: {e.Message}", e.Path,
                $"{e.Action} `virtd pki` makes certificates; without TLS, set tls.enabled to false in virtd.json.", e);
        }
    }

    /// <summary>What a new handshake takes, after a look at the files.</summary>
    public Loaded Current()
    {
        ServerPki files = find();
        string stamp = files.Stamp();
        lock (_gate)
        {
            if (stamp != _stamp)
                TryTake(files, stamp);
            return _current ?? throw new InvalidOperationException("the certificates are not loaded yet");
        }
    }

    /// <summary>Reads the files again, changed or not.</summary>
    public void Reload()
    {
        ServerPki files = find();
        lock (_gate)
            TryTake(files, files.Stamp());
    }

    private void TryTake(ServerPki files, string stamp)
    {
        try
        {
            Take(files, stamp);
        }
        catch (CertificateException e)
        {
            // Not tried again before the files change once more.
            _stamp = stamp;
            RpcLog.CertificateBroken(logger, e.Message, e.Action);
        }
    }

    private void Take(ServerPki files, string stamp)
    {
        (TlsCredential credential, TrustedAuthorities authorities) = files.Load();
        _current = new(credential, authorities, verifyClient);
        _stamp = stamp;
        RpcLog.CertificateLoaded(
            logger, credential.Name, credential.Certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), authorities.Names);
        if (authorities.Judge(credential) is { } doubt)
            RpcLog.CertificateDoubtful(logger, doubt.Reason, doubt.Action);
    }

    /// <summary>What was read at one time. It is left to the garbage collector, as handshakes may still use it.</summary>
    internal sealed class Loaded(TlsCredential credential, TrustedAuthorities authorities, bool verifyClient)
    {
        /// <summary>Whether clients need a certificate.</summary>
        public bool VerifyClient => verifyClient;

        /// <summary>The options of one handshake.</summary>
        /// <param name="admission">
        /// Is told the client's name and what is wrong with its certificate. Either way the handshake goes on: a client that is not
        /// let in is told why in answer to its first call, which the alerts of TLS cannot say.
        /// </param>
        public SslServerAuthenticationOptions Options(CertificateAdmission admission) => new()
        {
            ServerCertificateContext = credential.Context,
            ClientCertificateRequired = verifyClient,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = authorities.Policy(TrustedAuthorities.ForClients),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => certificate is null || chain is not { ChainElements.Count: > 0 }
                || admission.Take(DistinguishedName.Format(chain.ChainElements[0].Certificate.SubjectName), authorities.Judge(chain)),
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
    }
}
