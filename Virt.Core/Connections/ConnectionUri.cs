using System.Text;
using Virt.Errors;

namespace Virt.Connections;

/// <summary>
/// A connection URI: <c>driver[+transport]://[user@][host][:port]/[path][?parameters]</c>, as libvirt writes them
/// (https://libvirt.org/uri.html).
/// </summary>
public sealed class ConnectionUri : IEquatable<ConnectionUri>
{
    internal ConnectionUri(
        string driver, string? transport, string? user, string? host, int? port, string path, IReadOnlyList<UriParameter> parameters)
    {
        Driver = driver;
        Transport = transport;
        User = user;
        Host = host;
        Port = port;
        Path = path;
        ParameterList = parameters;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (UriParameter parameter in parameters)
            map.TryAdd(parameter.Name, parameter.Value);
        Parameters = map;
    }

    /// <summary>The driver: <c>qemu</c>, <c>test</c>.</summary>
    public string Driver { get; }

    /// <summary>The transport after the plus sign: <c>unix</c>, <c>tcp</c>, <c>tls</c>, <c>ssh</c>, <c>libssh</c>, <c>ext</c>; null when not said.</summary>
    public string? Transport { get; }

    /// <summary>The user before the @; null when not said.</summary>
    public string? User { get; }

    /// <summary>The host, an IPv6 address without its brackets; null when not said.</summary>
    public string? Host { get; }

    /// <summary>The port; null when not said.</summary>
    public int? Port { get; }

    /// <summary>The path with its leading slash: <c>/system</c>, <c>/session</c>, <c>/default</c>; <c>/</c> when not said.</summary>
    public string Path { get; }

    /// <summary>The parameters by name, decoded; the first of a name counts.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <summary>The parameters in order.</summary>
    internal IReadOnlyList<UriParameter> ParameterList { get; }

    /// <summary>Whether it leads out of this process: it names a transport or a host.</summary>
    public bool IsRemote => Transport is not null || Host is not null;

    /// <summary>Parses a URI.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoConnect"/>, saying which part is wrong.</exception>
    public static ConnectionUri Parse(string text) => ConnectionUriParser.Parse(text);

    /// <summary>
    /// The URI as the far side opens it: without transport, user, host and port, and without the parameters that are the
    /// transport's; the parameter <c>name</c> overrides it all, as libvirt's does.
    /// </summary>
    public string RemoteName() =>
        Parameters.TryGetValue("name", out string? name)
            ? name
            : new ConnectionUri(Driver, null, null, null, null, Path, [.. ParameterList.Where(p => !TransportParameters.IsKnown(p.Name))]).ToString();

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder(Driver);
        if (Transport is not null)
            text.Append('+').Append(Transport);
        text.Append("://");
        if (User is not null)
            text.Append(Uri.EscapeDataString(User)).Append('@');
        if (Host is not null)
            text.Append(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host.Replace("%", "%25", StringComparison.Ordinal)}]" : Host);
        if (Port is not null)
            text.Append(':').Append(Port.Value);
        text.Append(string.Join('/', Path.Split('/').Select(Uri.EscapeDataString)));
        char separator = '?';
        foreach (UriParameter parameter in ParameterList)
        {
            text.Append(separator).Append(Uri.EscapeDataString(parameter.Name)).Append('=')
                .Append(Uri.EscapeDataString(parameter.Value).Replace("%2F", "/", StringComparison.Ordinal));
            separator = '&';
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public bool Equals(ConnectionUri? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConnectionUri);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}

/// <summary>One <c>name=value</c> of a URI's query.</summary>
internal sealed record UriParameter(string Name, string Value);
