using System.Net;
using System.Net.Sockets;
using Virt.Connections;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>What Connect-VirtHost was told beside the name or URI, and the URI that it makes.</summary>
/// <param name="Transport">How to reach a host that is named without a URI; null when not said.</param>
/// <param name="KeyFile">The full path of the private key for ssh; null when not said.</param>
/// <param name="SkipCertificateCheck">Whether any certificate will do.</param>
/// <param name="UserName">The credential's user name, which logs in over libssh where the URI names no user; null when not said.</param>
internal sealed record HostChoice(HostTransport? Transport, string? KeyFile, bool SkipCertificateCheck, string? UserName = null)
{
    private const string LibSsh = "libssh";

    /// <summary>The URI to open; what was said alone stays as it is.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/> when the choices contradict each other.</exception>
    public string? UriFor(string? name)
    {
        if (Transport is null && KeyFile is null && !SkipCertificateCheck && name?.Contains($"+{LibSsh}", StringComparison.Ordinal) != true)
            return name;
        if (name?.Contains("://", StringComparison.Ordinal) == true)
            return Transport is null ? WithParameters(name, ConnectionUri.Parse(name)) : throw Fault(name, "a URI names its transport itself", "Leave -Transport out, or give the host's name alone.");
        HostTransport transport = Transport ?? (KeyFile is not null ? HostTransport.Ssh : HostTransport.Tls);
        if (transport == HostTransport.Unix)
        {
            return name is null ? Complete("qemu+unix:///system")
                : throw Fault(name, "the transport Unix leads to this machine and takes no host's name", "Leave the name out, or use -Transport Ssh.");
        }

        string word = transport switch
        {
            HostTransport.Ssh => "ssh",
            HostTransport.LibSsh => LibSsh,
            _ => "tls",
        };
        return name is null
            ? throw Fault(null, $"the transport {transport} needs a host's name", $"Write Connect-VirtHost HOST -Transport {transport}.")
            : Complete($"qemu+{word}://{Authority(name)}/system");
    }

    private string Complete(string uri) => WithParameters(uri, ConnectionUri.Parse(uri));

    private string WithParameters(string uri, ConnectionUri parsed)
    {
        string? transport = parsed.Transport;
        if (KeyFile is not null && transport is not ("ssh" or LibSsh or "libssh2"))
            throw Fault(uri, "-KeyFile is a key for ssh", "Use it with -Transport Ssh or LibSsh, or a URI qemu+ssh://HOST/system.");
        if (SkipCertificateCheck && transport is not (null or "tls"))
            throw Fault(uri, "-SkipCertificateCheck is for tls", "Use it with -Transport Tls or a URI qemu+tls://HOST/system.");
        if (UserName is not null && parsed.User is null && transport is LibSsh or "libssh2")
            uri = uri.Insert(uri.IndexOf("://", StringComparison.Ordinal) + 3, $"{Uri.EscapeDataString(UserName)}@");
        string parameters = KeyFile is not null ? $"keyfile={Uri.EscapeDataString(KeyFile)}" : SkipCertificateCheck ? "no_verify=1" : "";
        return parameters.Length == 0 ? uri : $"{uri}{(uri.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{parameters}";
    }

    private static string Authority(string name) =>
        IPAddress.TryParse(name, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{name}]"
        : name.AsSpan().ContainsAny('/', '?', '#') ? throw Fault(name, $"'{name}' is not a host's name", "Write [user@]host[:port].")
        : name;

    private static VirtException Fault(string? target, string message, string action) =>
        VirtException.Create(VirtErrorCode.InvalidArgument, message, target, action);
}
