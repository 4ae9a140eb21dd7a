using System.ComponentModel;
using System.Security.Authentication;

namespace Virt.Remote.Transports;

/// <summary>What a failed handshake, or the first read after it, says about the other side. The alerts are those of RFC 8446, section 6.</summary>
internal static class TlsAlert
{
    /// <summary>The server's refusal of the client's certificate, in words; null when the failure is none.</summary>
    public static string? Refusal(Exception failure)
    {
        string details = Details(failure);
        return Has("alert certificate required") ? "it requires one"
            : Has("alert unknown ca") ? "it does not trust the authority that issued it"
            : Has("alert certificate expired") ? "it has expired"
            : Has("alert certificate revoked") ? "it has been revoked"
            : Has("alert bad certificate") || Has("alert certificate unknown") || Has("alert unsupported certificate") || Has("alert access denied")
                ? "it does not accept it"
            : Has("alert handshake failure") ? "it requires one, or the two sides have no method of encryption in common"
            : null;

        bool Has(string alert) => details.Contains(alert, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the server has no version of TLS that is allowed here.</summary>
    public static bool IsVersion(Exception failure)
    {
        string details = Details(failure);
        return details.Contains("protocol version", StringComparison.OrdinalIgnoreCase)
            || details.Contains("unsupported protocol", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The innermost reason, which names the alert.</summary>
    public static string Details(Exception failure)
    {
        while (failure.InnerException is { } inner and not Win32Exception { NativeErrorCode: 0 })
            failure = inner;
        return failure.Message;
    }

    /// <summary>Whether what came was no TLS at all, or the connection ended instead.</summary>
    public static bool IsSilence(Exception failure) => failure is IOException && failure.InnerException is not AuthenticationException;
}
