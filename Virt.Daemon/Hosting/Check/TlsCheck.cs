using System.Globalization;
using Virt.Daemon.Rpc.Tls;
using Virt.Remote.Tls;

namespace Virt.Daemon.Hosting.Check;

/// <summary>Looks at the server's certificate as its clients will.</summary>
internal static class TlsCheck
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public static CheckItem Run(ServerPki files)
    {
        try
        {
            (TlsCredential credential, TrustedAuthorities authorities) = files.Load();
            using (credential)
            using (authorities)
            {
                if (authorities.Judge(credential) is { } verdict)
                    return CheckItem.Fail("tls", verdict.Reason, verdict.Action);
                TimeSpan left = credential.Certificate.NotAfter.ToUniversalTime() - DateTime.UtcNow;
                string finding = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{files.Certificate} is for '{credential.Name}' until {credential.Certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
                return left < Soon
                    ? CheckItem.Warn("tls", finding, "Renew it soon, for example with `virtd pki server --force`; virtd takes a new file up by itself.")
                    : CheckItem.Pass("tls", finding);
            }
        }
        catch (CertificateException e)
        {
            return CheckItem.Fail("tls", e.Message, e.Action);
        }
    }
}
