using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A file of a web or FTP server: http, https, ftp, ftps.</summary>
internal sealed class CurlStorage : NetworkStorage
{
    private readonly long? _readAhead;
    private readonly long? _timeout;
    private readonly bool? _verify;
    private readonly string? _cookies;

    public CurlStorage(XElement layer, XElement source)
        : base(layer, source)
    {
        _readAhead = source.Element("readahead")?.Number("size", 1, long.MaxValue);
        _timeout = source.Element("timeout")?.Number("seconds", 1, 10000);
        _verify = source.Element("ssl")?.Flag("verify");
        if (_verify is not null && Protocol is not ("https" or "ftps"))
            throw XmlFault.Unsupported(source.Element("ssl")!, "only https and ftps have it");
        if (source.Attribute("query") is { } query && Protocol is not ("http" or "https"))
            throw XmlFault.Unsupported(query, "only http and https have it");
        _cookies = ReadCookies(source.Element("cookies"));
    }

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new JsonObject { ["driver"] = Protocol }.With("url", Url()).With("username", User)
            .With("password-secret", AddSecret(arguments, node)).With("readahead", _readAhead).With("timeout", _timeout)
            .With("sslverify", _verify).With("cookie-secret", AddCookies(arguments, node));

    private string Url()
    {
        NetworkHost host = Host();
        _ = host.RequireName();
        string path = string.Join('/', Name().TrimStart('/').Split('/').Select(Uri.EscapeDataString));
        string query = Source.Text("query") is { Length: > 0 } text ? "?" + text : "";
        return $"{Protocol}://{host.Authority}/{path}{query}";
    }

    // A cookie is as good as a password.
    private string? AddCookies(QemuArguments arguments, DiskNode node)
    {
        if (_cookies is null)
            return null;
        string id = $"{node.Name}-httpcookie-secret0";
        arguments.AddSecret(id, Encoding.UTF8.GetBytes(_cookies));
        return id;
    }

    private string? ReadCookies(XElement? cookies)
    {
        if (cookies is null)
            return null;
        if (Protocol is not ("http" or "https"))
            throw XmlFault.Unsupported(cookies, "only http and https have it");
        return string.Join("; ", cookies.Elements("cookie").Select(cookie => $"{Checked(cookie, cookie.Required("name"))}={Checked(cookie, cookie.Value)}"));
    }

    private static string Checked(XElement cookie, string text) =>
        text.Length > 0 && text.All(c => c is > ' ' and < '\x7f' and not (',' or ';' or '\\'))
            ? text
            : throw XmlFault.Invalid(cookie, "it has characters that no cookie has");
}
