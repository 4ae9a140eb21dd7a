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
        if (SshUri.User(uri) is { } user)
            arguments.AddRange(["-l", user]);
        if (SshUri.FilePath(uri, "keyfile") is { } key)
            arguments.AddRange(["-i", key]);
        if (SshUri.FilePath(uri, "known_hosts") is { } knownHosts)
            arguments.AddRange(["-o", $"UserKnownHostsFile=\"{knownHosts.Replace("%", "%%", StringComparison.Ordinal)}\""]);
        if (Checking(uri) is { } checking)
            arguments.AddRange(["-o", $"StrictHostKeyChecking={checking}"]);
        if (SshUri.Methods(uri) is { } methods)
            arguments.AddRange(Authentication(methods));
        if (!mayAsk)
            arguments.AddRange(["-o", "BatchMode=yes"]);
        arguments.AddRange(["--", SshUri.Host(uri), remoteCommand]);
        return arguments;
    }

    private static string? Checking(ConnectionUri uri) => SshUri.Checking(uri) switch
    {
        HostKeyChecking.AcceptNew => "accept-new",
        HostKeyChecking.Ignore => "no",
        _ => null,
    };

    private static string[] Authentication(IReadOnlyList<SshMethod> methods)
    {
        IEnumerable<string> names = methods.Select(method => method switch
        {
            SshMethod.Password => "password",
            SshMethod.KeyboardInteractive => "keyboard-interactive",
            _ => "publickey",
        });
        string[] preferred = ["-o", $"PreferredAuthentications={string.Join(',', names.Distinct(StringComparer.Ordinal))}"];
        return methods.Contains(SshMethod.PrivateKey) && !methods.Contains(SshMethod.Agent)
            ? [.. preferred, "-o", "IdentityAgent=none"]
            : preferred;
    }
}
