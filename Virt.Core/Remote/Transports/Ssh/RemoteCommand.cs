using System.Text;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Remote.Transports.Ssh;

/// <summary>
/// What the far side's shell runs: <c>virtd proxy</c>, or a netcat on the daemon's socket where there is no virtd to be found. It
/// is one line, so that one round trip does, and is handed to sh, whatever the user's login shell is.
/// </summary>
internal static class RemoteCommand
{
    /// <summary>The script's words when it finds no virtd.</summary>
    public const string NoVirtd = "virt: virtd not found";

    /// <summary>The script's words when it finds no netcat.</summary>
    public const string NoNetcat = "virt: netcat not found: ";

    /// <summary>The script's words when there is no socket.</summary>
    public const string NoSocket = "virt: no socket: ";

    /// <summary>The script's words when the user may not use the socket.</summary>
    public const string SocketDenied = "virt: socket denied: ";

    /// <summary>What is printed when the socket is connected; the frames follow.</summary>
    public const string Connected = "virtd-proxy: connected\n";

    // The PATH of a shell that is no login shell often lacks the folders of administration.
    private const string Folders = "PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const string SessionSocket =
        "if [ -n \"$XDG_RUNTIME_DIR\" ]; then s=$XDG_RUNTIME_DIR/virt/virtd.sock; else s=${XDG_CACHE_HOME:-$HOME/.cache}/virt/run/virtd.sock; fi";

    /// <summary>Makes the command line for a request.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static string Create(OpenRequest request)
    {
        ConnectionUri uri = request.Uri;
        string? named = SshUri.Parameter(uri, "netcat");
        string way = SshUri.Parameter(uri, "proxy") ?? (named is null ? "native" : "auto");
        StringBuilder script = new(Folders);
        if (way is "native" or "auto")
            script.Append("; if command -v virtd >/dev/null 2>&1; then exec virtd proxy --announce").Append(Arguments(request)).Append("; fi");
        if (way is "netcat" or "auto")
            script.Append("; ").Append(Netcat(request, named ?? "nc"));
        else if (way != "native")
            throw Fault(uri, $"the URI's parameter proxy is '{way}'", "Use native (virtd), netcat, or auto (netcat where there is no virtd).");
        else
            script.Append($"; echo '{NoVirtd}' >&2; exit 127");
        return $"sh -c {Quote(script.ToString())}";
    }

    private static string Arguments(OpenRequest request)
    {
        StringBuilder arguments = new();
        if (SshUri.Parameter(request.Uri, "socket") is { } socket)
            arguments.Append(" --socket ").Append(Word(request.Uri, "socket", socket));
        if (request.Uri.Path == "/session")
            arguments.Append(" --session");
        if (request.ReadOnly)
            arguments.Append(" --read-only");
        return arguments.ToString();
    }

    private static string Netcat(OpenRequest request, string netcat)
    {
        string program = Word(request.Uri, "netcat", netcat);
        string socket = SshUri.Parameter(request.Uri, "socket") is { } named ? $"s={Word(request.Uri, "socket", named)}"
            : request.Uri.Path == "/session" ? SessionSocket
            : $"s=/run/virt/{(request.ReadOnly ? "virtd-ro.sock" : "virtd.sock")}";
        // Some need to be told to end with their input.
        return $"n={program}; {socket}"
            + $"; if ! command -v \"$n\" >/dev/null 2>&1; then echo \"{NoNetcat}$n\" >&2; exit 127; fi"
            + $"; if ! [ -S \"$s\" ]; then echo \"{NoSocket}$s\" >&2; exit 1; fi"
            + $"; if ! [ -w \"$s\" ]; then echo \"{SocketDenied}$s\" >&2; exit 1; fi"
            + $"; echo {Connected.TrimEnd()}"
            + "; if \"$n\" -q 2>&1 | grep \"requires an argument\" >/dev/null; then exec \"$n\" -q 0 -U \"$s\"; else exec \"$n\" -U \"$s\"; fi";
    }

    /// <summary>
    /// A value as one word of the script. The script is quoted once more for the login shell, which need not be a POSIX one: fish
    /// takes a backslash between quotes for its own, csh an exclamation mark and a new line.
    /// </summary>
    private static string Word(ConnectionUri uri, string parameter, string value) =>
        value.StartsWith('-') || value.Any(c => char.IsControl(c) || c is '\'' or '\\' or '!')
            ? throw Fault(
                uri, $"the URI's parameter {parameter} cannot be passed to the far side's shell: '{value}'",
                "Use a path without control characters, quotation marks, '\\' and '!' that does not begin with '-'.")
            : Quote(value);

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static VirtException Fault(ConnectionUri uri, string message, string action) =>
        VirtException.Create(VirtErrorCode.InvalidArgument, message, uri.ToString(), action);
}
