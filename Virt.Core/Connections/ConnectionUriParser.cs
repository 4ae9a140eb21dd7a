using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Virt.Errors;

namespace Virt.Connections;

/// <summary>Takes a URI apart; each way of being wrong has its own error.</summary>
internal static class ConnectionUriParser
{
    private const int MaximumLength = 4096;
    private const string Forms = "Write driver[+transport]://[user@][host][:port]/path, for example qemu:///system or qemu+tcp://host/system.";

    public static ConnectionUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
            throw Fault(text, "the connection URI is empty");
        if (text.Length > MaximumLength)
            throw Fault(text[..64] + "...", $"the connection URI is longer than {MaximumLength} characters");
        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            throw Fault(text, "the connection URI has a space or control character", "Write a space as %20.");
        if (text.Contains('#', StringComparison.Ordinal))
            throw Fault(text, "the connection URI has a fragment ('#')", "Leave the fragment out; write a '#' in a name as %23.");

        int colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0)
            throw Fault(text, "the connection URI has no '://' after the driver");
        (string driver, string? transport) = ParseScheme(text, text[..colon]);
        string rest = text[(colon + 3)..];

        int question = rest.IndexOf('?', StringComparison.Ordinal);
        IReadOnlyList<UriParameter> parameters = question < 0 ? [] : ParseParameters(text, rest[(question + 1)..]);
        string hierarchy = question < 0 ? rest : rest[..question];

        int slash = hierarchy.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? hierarchy : hierarchy[..slash];
        string path = slash < 0 ? "/" : Decode(text, hierarchy[slash..], "path");
        (string? user, string? host, int? port) = ParseAuthority(text, authority);
        return new ConnectionUri(driver, transport, user, host, port, path, parameters);
    }

    private static (string Driver, string? Transport) ParseScheme(string uri, string scheme)
    {
        int plus = scheme.IndexOf('+', StringComparison.Ordinal);
        string driver = plus < 0 ? scheme : scheme[..plus];
        if (driver.Length == 0)
            throw Fault(uri, "the connection URI names no driver before '://'");
        if (!char.IsAsciiLetter(driver[0]) || !driver.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'))
            throw Fault(uri, $"'{driver}' is not a driver's name");
        if (plus < 0)
            return (driver.ToLowerInvariant(), null);
        string transport = scheme[(plus + 1)..];
        if (transport.Length == 0)
            throw Fault(uri, "the connection URI has a '+' without a transport");
        if (!transport.All(char.IsAsciiLetterOrDigit))
            throw Fault(uri, $"'{transport}' is not a transport's name", "The transports are unix, tcp, tls, ssh and ext.");
        return (driver.ToLowerInvariant(), transport.ToLowerInvariant());
    }

    private static (string? User, string? Host, int? Port) ParseAuthority(string uri, string authority)
    {
        if (authority.Length == 0)
            return (null, null, null);
        int at = authority.LastIndexOf('@');
        string? user = at < 0 ? null : Decode(uri, authority[..at], "user");
        if (user is { Length: 0 })
            throw Fault(uri, "the connection URI has an '@' without a user");
        if (user is not null && authority[..at].Contains(':', StringComparison.Ordinal))
            throw Fault(uri, "the connection URI has a password", "Leave it out; use -Credential.");
        string address = authority[(at + 1)..];
        if (address.StartsWith('['))
            return ParseBracketed(uri, user, address);

        int colon = address.IndexOf(':', StringComparison.Ordinal);
        if (colon != address.LastIndexOf(':'))
            throw Fault(uri, $"the address '{address}' has more than one ':'", "Write an IPv6 address in brackets: [::1].");
        string host = Decode(uri, colon < 0 ? address : address[..colon], "host");
        int? port = colon < 0 ? null : ParsePort(uri, address[(colon + 1)..]);
        if (host.Length == 0)
            throw Fault(uri, user is not null ? "the connection URI has a user but no host" : "the connection URI has a port but no host");
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw Fault(uri, $"'{host}' is not a host name");
        return (user, host, port);
    }

    private static (string? User, string Host, int? Port) ParseBracketed(string uri, string? user, string address)
    {
        int end = address.IndexOf(']', StringComparison.Ordinal);
        if (end < 0)
            throw Fault(uri, "the IPv6 address has no closing ']'");
        string host = address[1..end].Replace("%25", "%", StringComparison.Ordinal);
        if (!IPAddress.TryParse(host, out IPAddress? ip) || ip.AddressFamily != AddressFamily.InterNetworkV6)
            throw Fault(uri, $"'{host}' is not an IPv6 address");
        string tail = address[(end + 1)..];
        if (tail.Length > 0 && tail[0] != ':')
            throw Fault(uri, $"after ']' comes '{tail}', not a port");
        return (user, host, tail.Length == 0 ? null : ParsePort(uri, tail[1..]));
    }

    private static int ParsePort(string uri, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535
            ? port
            : throw Fault(uri, $"'{text}' is not a port (1 to 65535)");

    private static List<UriParameter> ParseParameters(string uri, string query)
    {
        var parameters = new List<UriParameter>();
        foreach (string pair in query.Split('&', ';'))
        {
            if (pair.Length == 0)
                continue;
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = Decode(uri, equals < 0 ? pair : pair[..equals], "parameter");
            if (name.Length == 0)
                throw Fault(uri, $"the parameter '{pair}' has no name");
            parameters.Add(new UriParameter(name, equals < 0 ? string.Empty : Decode(uri, pair[(equals + 1)..], "parameter")));
        }

        return parameters;
    }

    private static string Decode(string uri, string text, string part)
    {
        for (int i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                throw Fault(uri, $"the {part} has a '%' that two hexadecimal digits do not follow", "Write a '%' itself as %25.");
        }

        string decoded = Uri.UnescapeDataString(text);
        return decoded.Contains('\0', StringComparison.Ordinal) ? throw Fault(uri, $"the {part} has a NUL character") : decoded;
    }

    private static VirtException Fault(string uri, string message, string action = Forms) =>
        VirtException.Create(VirtErrorCode.NoConnect, $"{message}: '{uri}'", uri, action);
}
