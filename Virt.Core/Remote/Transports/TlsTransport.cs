using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote.Tls;

namespace Virt.Remote.Transports;

/// <summary>
/// TLS 1.2 or 1.3 over tcp. The server's certificate must come from the one authority that the user trusts and carry the host's
/// name; the client's own, when there is one, authenticates the user.
/// </summary>
internal sealed class TlsTransport : IRemoteTransport
{
    /// <summary>The port of a URI that names none.</summary>
    public const int DefaultPort = 16614;

    public string Name => "tls";

    public async ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        bool verify = MustVerify(uri);
        if (uri.Parameters.ContainsKey("tls_priority"))
        {
            throw VirtException.Create(
                VirtErrorCode.NoSupport, "the parameter tls_priority is for GnuTLS, which is not used here", uri.ToString(),
                "Leave it out: TLS 1.2 and 1.3 are used, with the ciphers that this machine's policy for OpenSSL allows (openssl.cnf).");
        }

        ClientPki pki = ClientPki.For(uri);
        try
        {
            using TrustedAuthorities? authorities = verify ? pki.LoadAuthorities() : null;
            // Not disposed: the connection goes on using it.
            TlsCredential? credential = pki.LoadCredential();
            return await new Handshake(uri, pki, authorities, credential).RunAsync(cancel).ConfigureAwait(false);
        }
        catch (CertificateException e)
        {
            throw new VirtConnectionException(VirtErrorCode.SystemError, e.Message, uri.ToString(), e.Action, e);
        }
    }

    private static bool MustVerify(ConnectionUri uri) => uri.Parameters.GetValueOrDefault("no_verify", "0") switch
    {
        "0" => true,
        "1" => false,
        var other => throw VirtException.Create(
            VirtErrorCode.InvalidArgument, $"the URI's parameter no_verify is '{other}', which is neither 0 nor 1", uri.ToString(),
            "Write no_verify=1 to accept any server, or leave it out."),
    };

    private sealed class Handshake(ConnectionUri uri, ClientPki pki, TrustedAuthorities? authorities, TlsCredential? credential)
    {
        private readonly string _host = uri.Host ?? "localhost";
        private readonly int _port = uri.Port ?? DefaultPort;
        private CertificateVerdict? _verdict;

        public async ValueTask<Stream> RunAsync(CancellationToken cancel)
        {
            Stream inner = await TcpConnector.ConnectAsync(uri, _host, _port, section: "tls", cancel).ConfigureAwait(false);
            TlsStream stream = new(inner, ExplainFirstRead);
            try
            {
                await stream.AuthenticateAsClientAsync(Options(), cancel).ConfigureAwait(false);
                return stream;
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                throw Explain(e);
            }
            catch
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        private SslClientAuthenticationOptions Options() => new()
        {
            // A zone is this machine's business and in no certificate.
            TargetHost = IPAddress.TryParse(_host, out _) ? _host.Split('%')[0] : _host.TrimEnd('.'),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateContext = credential?.Context,
            CertificateChainPolicy = authorities?.Policy(TrustedAuthorities.ForServers) ?? TrustedAuthorities.NoPolicy(),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => authorities is null || IsGood(certificate, chain, errors),
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };

        private bool IsGood(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (certificate is null || chain is null || chain.ChainElements.Count == 0)
                _verdict = new("it sent no certificate", "Check that a virtd listens there.");
            else if (authorities!.Judge(chain) is { } verdict)
                _verdict = verdict;
            else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
                _verdict = WrongName(chain.ChainElements[0].Certificate);
            return _verdict is null;
        }

        private CertificateVerdict WrongName(X509Certificate2 certificate)
        {
            string[] names =
            [
                .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension =>
                    extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))),
            ];
            string held = names.Length > 0
                ? string.Join(", ", names)
                : $"its subject '{DistinguishedName.Format(certificate.SubjectName)}' only";
            return new(
                $"its certificate is not for the name '{_host}'; it is for {held}",
                $"Connect by a name that the certificate has, or make one with this name, as `virtd pki server --host {_host}` does.");
        }

        private VirtConnectionException Explain(Exception failure)
        {
            if (_verdict is not null)
                return Fault(VirtErrorCode.AuthenticationFailed, $"{_host} cannot be trusted: {_verdict.Reason}", _verdict.Action, failure);
            if (TlsAlert.Refusal(failure) is { } refusal)
                return Refused(refusal, failure);
            if (TlsAlert.IsVersion(failure))
            {
                return Fault(
                    VirtErrorCode.SystemError, $"{_host} has neither TLS 1.2 nor 1.3 on port {_port}", "Check that a virtd listens there.", failure);
            }

            return TlsAlert.IsSilence(failure)
                ? Fault(
                    VirtErrorCode.SystemError, $"{_host} ended the connection on port {_port} instead of speaking TLS",
                    $"Check that the port is virtd's for TLS ({DefaultPort}); its tcp port needs {uri.Driver}+tcp. If it is the right one, virtd's log says why.",
                    failure)
                : Fault(
                    VirtErrorCode.SystemError, $"{_host} does not speak TLS on port {_port}: {TlsAlert.Details(failure)}",
                    $"Check that the port is virtd's for TLS ({DefaultPort}); other services and virtd's tcp port have other ports.", failure);
        }

        private VirtConnectionException ExplainFirstRead(Exception? failure) =>
            failure is not null && TlsAlert.Refusal(failure) is { } refusal
                ? Refused(refusal, failure)
                : Fault(
                    VirtErrorCode.SystemError, $"{_host} ended the connection right after the TLS handshake{Because(failure)}",
                    "Try again; if it stays so, the log of virtd there says why.", failure);

        private VirtConnectionException Refused(string refusal, Exception failure) => credential is null
            ? Fault(
                VirtErrorCode.AuthenticationFailed, $"{_host} asks for a client certificate, and there is none in {pki.CredentialPlaces}",
                "Have one made with `virtd pki client NAME` and copy it there, or name its folder with pkipath=DIR.", failure)
            : Fault(
                VirtErrorCode.AuthenticationFailed, $"{_host} refuses the client certificate '{credential.Name}': {refusal}",
                "Check that it was issued by the authority that the server trusts, is valid, and is allowed there; the server's log says more.",
                failure);

        private static string Because(Exception? failure) => failure is null ? string.Empty : $": {TlsAlert.Details(failure)}";

        private VirtConnectionException Fault(VirtErrorCode code, string message, string action, Exception? cause) =>
            new(code, message, uri.ToString(), action, cause);
    }
}
