using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Processes;

namespace Virt.Remote.Transports.Ssh;

/// <summary>Says in our words why ssh, or what it ran at the far side, has ended.</summary>
internal static class SshFault
{
    /// <summary>ssh's own failures; other numbers are the remote command's.</summary>
    private const int OwnFailure = 255;

    private const int NoiseShown = 200;

    /// <summary>The error for an end before the connection was there.</summary>
    public static VirtConnectionException Explain(ConnectionUri uri, ProcessEndedException ended, string noise)
    {
        string host = uri.Host!;
        (VirtErrorCode code, string message, string action) = ended.ExitCode == OwnFailure
            ? OfClient(uri, host, ended.ErrorText)
            : OfFarSide(host, ended, noise);
        return new VirtConnectionException(code, message, uri.ToString(), action, ended);
    }

    /// <summary>The error for a far side that prints and prints.</summary>
    public static VirtConnectionException Noise(ConnectionUri uri, string noise, Exception cause) => new(
        VirtErrorCode.RpcError, $"the shell on {uri.Host} prints something and does not run virtd: '{Shown(noise)}'", uri.ToString(),
        $"Look at the login scripts there (`ssh {uri.Host} true` should print nothing) and at what the account may run.", cause);

    private static (VirtErrorCode Code, string Message, string Action) OfClient(ConnectionUri uri, string host, string text)
    {
        bool Says(string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
        string destination = uri.User is null ? host : $"{uri.User}@{host}";
        if (Says("IDENTIFICATION HAS CHANGED"))
        {
            return (VirtErrorCode.AuthenticationFailed, $"the key of {host} is not the one that is known: somebody may be listening in, or the host was installed anew",
                $"Ask its administrator for the fingerprint; if the change is right, remove the old key with `ssh-keygen -R {host}` and connect again.");
        }

        if (Says("Host key verification failed"))
        {
            return (VirtErrorCode.AuthenticationFailed, $"the key of {host} is not known",
                $"Connect with `ssh {destination}` once and compare the fingerprint, or add known_hosts_verify=auto to the URI to accept keys of new hosts.");
        }

        if (Says("Could not resolve hostname"))
            return (VirtErrorCode.SystemError, $"the host '{host}' cannot be resolved", "Check the host's name, ~/.ssh/config and this machine's name resolution.");
        if (Says("Connection refused"))
            return (VirtErrorCode.SystemError, $"{host} refuses the connection: {LastLine(text)}", "Check that an ssh server runs there, and the port.");
        if (Says("timed out"))
            return (VirtErrorCode.SystemError, $"{host} does not answer: {LastLine(text)}", "Check that the host is up and that no firewall drops the connection.");
        if (Says("No route to host") || Says("Network is unreachable"))
            return (VirtErrorCode.SystemError, $"there is no way to {host}: {LastLine(text)}", "Check the address and this machine's network.");
        if (Says("Permission denied") || Says("Too many authentication failures"))
        {
            return (VirtErrorCode.AuthenticationFailed, $"{destination} may not log in: {text.ReplaceLineEndings(" ")}",
                "Check the user in the URI, the key (parameter keyfile, or ssh-add for an agent) and ~/.ssh/authorized_keys there.");
        }

        return (VirtErrorCode.SystemError, $"ssh cannot connect to {host}: {(text.Length > 0 ? text.ReplaceLineEndings(" ") : "it gives no reason")}",
            $"Try `ssh -v {destination}`, which says more.");
    }

    private static (VirtErrorCode Code, string Message, string Action) OfFarSide(string host, ProcessEndedException ended, string noise)
    {
        string[] lines = ended.ErrorText.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? Line(string start) => lines.LastOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..];
        if (Line("virtd: ") is { } said)
        {
            int at = Array.FindLastIndex(lines, line => line.StartsWith("virtd: ", StringComparison.Ordinal));
            return (VirtErrorCode.SystemError, $"on {host}: {said}", at + 1 < lines.Length ? lines[at + 1] : "Check virtd there.");
        }

        if (Line(RemoteCommand.NoVirtd) is not null)
        {
            return (VirtErrorCode.SystemError, $"virtd is not installed on {host}, or not in the PATH of its shell",
                "Install it there in a folder of PATH or in /usr/sbin; a daemon whose program is elsewhere is reached with proxy=netcat in the URI.");
        }

        if (Line(RemoteCommand.NoNetcat) is { } netcat)
            return (VirtErrorCode.SystemError, $"{host} has neither virtd nor '{netcat}'", "Install virtd there, or a netcat that knows unix sockets, and name it with netcat= in the URI.");
        if (Line(RemoteCommand.NoSocket) is { } missing)
            return (VirtErrorCode.SystemError, $"on {host}: there is no socket {missing}: virtd does not run, or not there", "Start it there with `systemctl start virtd`, or correct socket= in the URI.");
        if (Line(RemoteCommand.SocketDenied) is { } denied)
            return (VirtErrorCode.SystemError, $"on {host}: this user may not use the socket {denied}", "Log in as root or a member of the group that owns the socket, or connect read-only.");
        return (VirtErrorCode.SystemError, Unknown(host, ended, noise), $"Try `ssh {host} virtd proxy`, and look at the login scripts and at what the account may run.");
    }

    private static string Unknown(string host, ProcessEndedException ended, string noise)
    {
        string how = ended.ExitCode is { } code ? $"the shell on {host} has ended with exit status {code}" : $"{host} has closed the connection";
        string error = ended.ErrorText.Length > 0 ? $": {ended.ErrorText.ReplaceLineEndings(" ")}" : "";
        return noise.Length > 0 ? $"{how}{error}; it printed '{Shown(noise)}'" : how + error;
    }

    private static string LastLine(string text) => text[(text.LastIndexOf('\n') + 1)..].Trim();

    private static string Shown(string noise)
    {
        string text = noise.Trim().ReplaceLineEndings(" ");
        return text.Length <= NoiseShown ? text : text[..NoiseShown] + "...";
    }
}
