using Virt.Connections;
using Virt.Errors;

namespace Virt.Remote.Transports.Ssh;

/// <summary>What to do about the key that a host shows.</summary>
internal enum HostKeyChecking
{
    /// <summary>Known keys only; the user is asked about those of unknown hosts.</summary>
    Normal,
    /// <summary>Keys of unknown hosts are accepted, changed ones never.</summary>
    AcceptNew,
    /// <summary>Every key is accepted.</summary>
    Ignore,
}

/// <summary>A way to log in, of the parameter <c>sshauth</c>.</summary>
internal enum SshMethod
{
    /// <summary>A key that an agent holds.</summary>
    Agent,
    /// <summary>A key in a file.</summary>
    PrivateKey,
    /// <summary>A password.</summary>
    Password,
    /// <summary>Whatever questions the host asks.</summary>
    KeyboardInteractive,
}

/// <summary>Reads a URI for the transports that log in over ssh; what they cannot mean is an error that says so.</summary>
internal static class SshUri
{
    private const string ShellCharacters = "'`\"$;&<>|(){}";

    /// <summary>A parameter of the URI; null when it is not there or empty.</summary>
    public static string? Parameter(ConnectionUri uri, string name) =>
        uri.Parameters.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    /// <summary>Whether the URI forbids questions.</summary>
    public static bool IsSilent(ConnectionUri uri) => IsSet(uri, "no_tty");

    /// <summary>The host.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static string Host(ConnectionUri uri)
    {
        string host = uri.Host
            ?? throw Fault(uri, $"the transport {uri.Transport} needs a host", $"Write {uri.Driver}+{uri.Transport}://[user@]HOST{uri.Path}.");
        return host.StartsWith('-') || !IsPlain(host)
            ? throw Fault(uri, $"'{host}' cannot be a host for ssh", "Use the host's name, its address, or an alias of ~/.ssh/config.")
            : host;
    }

    /// <summary>
    /// The user; null when not said. A user's name may reach a shell through %r of a ProxyCommand; what OpenSSH forbids there is
    /// forbidden here too.
    /// </summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static string? User(ConnectionUri uri) =>
        uri.User is { } user && (user.StartsWith('-') || user.EndsWith('\\') || !IsPlain(user))
            ? throw Fault(uri, $"'{user}' cannot be a user's name for ssh", "Correct the part before the '@'.")
            : uri.User;

    /// <summary>A parameter that is a path.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static string? FilePath(ConnectionUri uri, string parameter) =>
        Parameter(uri, parameter) is { } path && path.Any(c => char.IsControl(c) || c == '"')
            ? throw Fault(uri, $"the URI's parameter {parameter} has a quotation mark or control character", "Use a path without.")
            : Parameter(uri, parameter);

    /// <summary>What to do about the host's key; null when not said.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static HostKeyChecking? Checking(ConnectionUri uri) => Parameter(uri, "known_hosts_verify") switch
    {
        _ when IsSet(uri, "no_verify") => HostKeyChecking.Ignore,
        null => null,
        "normal" => HostKeyChecking.Normal,
        "auto" => HostKeyChecking.AcceptNew,
        "ignore" => HostKeyChecking.Ignore,
        { } other => throw Fault(
            uri, $"the URI's parameter known_hosts_verify is '{other}'",
            "Use normal (ask about unknown hosts), auto (accept unknown hosts) or ignore (accept every host)."),
    };

    /// <summary>The ways to log in, in their order; null when not said.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static IReadOnlyList<SshMethod>? Methods(ConnectionUri uri) => Parameter(uri, "sshauth") is { } methods
        ? [.. methods.Split(',', StringSplitOptions.TrimEntries).Select(method => Method(uri, method)).Distinct()]
        : null;

    private static SshMethod Method(ConnectionUri uri, string name) => name switch
    {
        "agent" => SshMethod.Agent,
        "privkey" => SshMethod.PrivateKey,
        "password" => SshMethod.Password,
        "keyboard-interactive" => SshMethod.KeyboardInteractive,
        _ => throw Fault(
            uri, $"the URI's parameter sshauth has '{name}'", "Use a list of agent, privkey, password and keyboard-interactive."),
    };

    private static bool IsPlain(string text) =>
        !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || ShellCharacters.Contains(c, StringComparison.Ordinal));

    private static bool IsSet(ConnectionUri uri, string name) => Parameter(uri, name) is { } value && value != "0";

    private static VirtException Fault(ConnectionUri uri, string message, string action) =>
        VirtException.Create(VirtErrorCode.InvalidArgument, message, uri.ToString(), action);
}
