using Virt.Errors;

namespace Virt.Connections;

/// <summary>
/// Finds the URI to open: the argument, then VIRT_DEFAULT_URI, then the client's configuration, then the probe (the system
/// daemon for root and for whoever may write its socket, else the user's session daemon).
/// </summary>
public static class UriResolver
{
    /// <summary>The environment variable with the default URI.</summary>
    public const string Variable = "VIRT_DEFAULT_URI";

    /// <summary>The URI to open for what the user said, which may be nothing or an alias.</summary>
    public static ConnectionUri Resolve(string? argument) =>
        Resolve(argument, Environment.GetEnvironmentVariable(Variable), ClientConfig.Load, Probe);

    internal static ConnectionUri Resolve(string? argument, string? variable, Func<ClientConfig> config, Func<string> probe)
    {
        string? wanted = string.IsNullOrWhiteSpace(argument) ? variable : argument;
        // The files need not be read when a whole URI was said.
        if (wanted is not null && wanted.Contains("://", StringComparison.Ordinal))
            return ConnectionUri.Parse(wanted.Trim());
        ClientConfig files = config();
        wanted = string.IsNullOrWhiteSpace(wanted) ? files.DefaultUri : wanted;
        if (string.IsNullOrWhiteSpace(wanted))
            return ConnectionUri.Parse(probe());
        wanted = wanted.Trim();
        if (wanted.Contains("://", StringComparison.Ordinal))
            return ConnectionUri.Parse(wanted);
        if (files.Aliases is not null && files.Aliases.TryGetValue(wanted, out string? uri))
            return ConnectionUri.Parse(uri);
        throw VirtException.Create(
            VirtErrorCode.NoConnect, $"'{wanted}' is neither a URI nor an alias of the client configuration", wanted,
            "Give a URI such as qemu:///system or qemu+tcp://host/system, or add the alias to client.json.");
    }

    private static string Probe() =>
        Environment.IsPrivilegedProcess || SocketIsWritable("/run/virt/virtd.sock") ? "qemu:///system" : "qemu:///session";

    private static bool SocketIsWritable(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && File.Exists(path)
                && (File.GetUnixFileMode(path) & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0
                && CanConnect(path);
        }
        catch (Exception notOurs) when (notOurs is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool CanConnect(string path)
    {
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        try
        {
            // A unix socket answers or refuses at once.
            socket.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
