using System.Globalization;
using Virt.Connections;
using Virt.Errors;

namespace Virt.Remote.Transports.Ssh;

/// <summary>
/// The arguments of OpenSSH's client for a URI (ssh(1), ssh_config(5)). Only what the URI says is set; the rest is as the user's
/// configuration has it. Nothing of a URI can be taken for an option of ssh or reach a shell as code.
/// </summary>
internal static class SshCommandLine
{
    private const string ShellCharacters = "'`\"$;&<>|(){}";

    /// <summary>Makes the arguments.</summary>
    /// <param name="uri">What to connect to.</param>
    /// <param name="mayAsk">Whether somebody answers questions; without, ssh fails where it would ask.</param>
    /// <param name="remoteCommand">What the far side's shell runs.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static IReadOnlyList<string> Create(ConnectionUri uri, bool mayAsk, string remoteCommand)
    {
        List<string> arguments = ["-T", "-e", "none"];
        if (uri.Port is { } port)
            arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        if (uri.User is { } user)
            arguments.AddRange(["-l", CheckUser(uri, user)]);
        if (Parameter(uri, "keyfile") is { } key)
            arguments.AddRange(["-i", CheckPath(uri, "keyfile", key)]);
        if (Parameter(uri, "known_hosts") is { } knownHosts)
            arguments.AddRange(["-o", $"UserKnownHostsFile=\"{CheckPath(uri, "known_hosts", knownHosts).Replace("%", "%%", StringComparison.Ordinal)}\""]);
        if (HostKeyChecking(uri) is { } checking)
            arguments.AddRange(["-o", $"StrictHostKeyChecking={checking}"]);
        if (Parameter(uri, "sshauth") is { } methods)
            arguments.AddRange(Authentication(uri, methods));
        if (!mayAsk)
            arguments.AddRange(["-o", "BatchMode=yes"]);
        arguments.AddRange(["--", CheckHost(uri), remoteCommand]);
        return arguments;
    }

    /// <summary>Whether the URI forbids questions.</summary>
    public static bool IsSilent(ConnectionUri uri) => IsSet(uri, "no_tty");

    /// <summary>A parameter of the URI; null when it is not there or empty.</summary>
    public static string? Parameter(ConnectionUri uri, string name) =>
        uri.Parameters.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    private static string CheckHost(ConnectionUri uri)
    {
        string host = uri.Host ?? throw Fault(uri, "the transport ssh needs a host", $"Write {uri.Driver}+ssh://[user@]HOST{uri.Path}.");
        return host.StartsWith('-') || host.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || ShellCharacters.Contains(c, StringComparison.Ordinal))
            ? throw Fault(uri, $"'{host}' cannot be a host for ssh", "Use the host's name, its address, or an alias of ~/.ssh/config.")
            : host;
    }

    /// <summary>A user's name may reach a shell through %r of a ProxyCommand; what OpenSSH forbids there is forbidden here too.</summary>
    private static string CheckUser(ConnectionUri uri, string user) =>
        user.StartsWith('-') || user.EndsWith('\\')
        || user.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || ShellCharacters.Contains(c, StringComparison.Ordinal))
            ? throw Fault(uri, $"'{user}' cannot be a user's name for ssh", "Correct the part before the '@'.")
            : user;

    private static string CheckPath(ConnectionUri uri, string parameter, string path) =>
        path.Any(c => char.IsControl(c) || c == '"')
            ? throw Fault(uri, $"the URI's parameter {parameter} has a quotation mark or control character", "Use a path without.")
            : path;

    private static string? HostKeyChecking(ConnectionUri uri) => Parameter(uri, "known_hosts_verify") switch
    {
        _ when IsSet(uri, "no_verify") => "no",
        null or "normal" => null,
        "auto" => "accept-new",
        "ignore" => "no",
        { } other => throw Fault(
            uri, $"the URI's parameter known_hosts_verify is '{other}'",
            "Use normal (ask about unknown hosts), auto (accept unknown hosts) or ignore (accept every host)."),
    };

    private static string[] Authentication(ConnectionUri uri, string methods)
    {
        string[] wanted = methods.Split(',', StringSplitOptions.TrimEntries);
        IEnumerable<string> names = wanted.Select(method => method switch
        {
            "agent" or "privkey" => "publickey",
            "password" or "keyboard-interactive" => method,
            _ => throw Fault(
                uri, $"the URI's parameter sshauth has '{method}'", "Use a list of agent, privkey, password and keyboard-interactive."),
        });
        string[] preferred = ["-o", $"PreferredAuthentications={string.Join(',', names.Distinct(StringComparer.Ordinal))}"];
        return wanted.Contains("privkey", StringComparer.Ordinal) && !wanted.Contains("agent", StringComparer.Ordinal)
            ? [.. preferred, "-o", "IdentityAgent=none"]
            : preferred;
    }

    private static bool IsSet(ConnectionUri uri, string name) => Parameter(uri, name) is { } value && value != "0";

    private static VirtException Fault(ConnectionUri uri, string message, string action) =>
        VirtException.Create(VirtErrorCode.InvalidArgument, message, uri.ToString(), action);
}
