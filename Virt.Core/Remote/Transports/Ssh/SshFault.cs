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

    /// <summary>The error for an end before the connection was there, of ssh's client or of what it ran.</summary>
    public static VirtConnectionException Explain(ConnectionUri uri, ProcessEndedException ended, string noise) =>
        ended.ExitCode == OwnFailure
            ? OfClient(uri, uri.Host!, ended.ErrorText).ToException(uri.ToString(), ended)
            : FarSide(uri, ended, noise);

    /// <summary>The error for an end of what the far side's shell ran, before the connection was there.</summary>
    public static VirtConnectionException FarSide(ConnectionUri uri, ProcessEndedException ended, string noise) =>
        OfFarSide(uri.Host!, ended, noise).ToException(uri.ToString(), ended);

    /// <summary>The error for a far side that prints and prints.</summary>
    public static VirtConnectionException Noise(ConnectionUri uri, string noise, Exception cause) => new(
        VirtErrorCode.RpcError, $"the shell on {uri.Host} prints something and does not run virtd: '{Shown(noise)}'", uri.ToString(),
        $"Look at the login scripts there (`ssh {uri.Host} true` should print nothing) and at what the account may run.", cause);

    private static SshProblem OfClient(ConnectionUri uri, string host, string text)
    {
        bool Says(string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
        string destination = uri.User is null ? host : $"{uri.User}@{host}";
        if (Says("IDENTIFICATION HAS CHANGED"))
            return SshProblem.KeyChanged(host, "", "", $"ssh-keygen -R {host}");
        if (Says("Host key verification failed"))
            return SshProblem.KeyUnknown(host, $"Connect with `ssh {destination}` once and compare the fingerprint");
        if (Says("Could not resolve hostname"))
            return SshProblem.NoName(host, "Check the host's name, ~/.ssh/config and this machine's name resolution.");
        if (Says("Connection refused"))
            return SshProblem.Refused(host, LastLine(text));
        if (Says("timed out"))
            return SshProblem.Silent(host, LastLine(text));
        if (Says("No route to host") || Says("Network is unreachable"))
            return SshProblem.NoWay(host, LastLine(text));
        if (Says("Permission denied") || Says("Too many authentication failures"))
            return SshProblem.Denied(destination, text.ReplaceLineEndings(" "));
        return new(
            VirtErrorCode.SystemError, $"ssh cannot connect to {host}: {(text.Length > 0 ? text.ReplaceLineEndings(" ") : "it gives no reason")}",
            $"Try `ssh -v {destination}`, which says more.");
    }

    private static SshProblem OfFarSide(string host, ProcessEndedException ended, string noise)
    {
        string[] lines = ended.ErrorText.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? Line(string start) => lines.LastOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..];
        if (Line("virtd: ") is { } said)
        {
            int at = Array.FindLastIndex(lines, line => line.StartsWith("virtd: ", StringComparison.Ordinal));
            return new(VirtErrorCode.SystemError, $"on {host}: {said}", at + 1 < lines.Length ? lines[at + 1] : "Check virtd there.");
        }

        if (Line(RemoteCommand.NoVirtd) is not null)
        {
            return new(VirtErrorCode.SystemError, $"virtd is not installed on {host}, or not in the PATH of its shell",
                "Install it there in a folder of PATH or in /usr/sbin; a daemon whose program is elsewhere is reached with proxy=netcat in the URI.");
        }

        if (Line(RemoteCommand.NoNetcat) is { } netcat)
            return new(VirtErrorCode.SystemError, $"{host} has neither virtd nor '{netcat}'", "Install virtd there, or a netcat that knows unix sockets, and name it with netcat= in the URI.");
        if (Line(RemoteCommand.NoSocket) is { } missing)
            return new(VirtErrorCode.SystemError, $"on {host}: there is no socket {missing}: virtd does not run, or not there", "Start it there with `systemctl start virtd`, or correct socket= in the URI.");
        if (Line(RemoteCommand.SocketDenied) is { } denied)
            return new(VirtErrorCode.SystemError, $"on {host}: this user may not use the socket {denied}", "Log in as root or a member of the group that owns the socket, or connect read-only.");
        return new(VirtErrorCode.SystemError, Unknown(host, ended, noise), $"Try `ssh {host} virtd proxy`, and look at the login scripts and at what the account may run.");
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
