using Virt.Connections;
using Virt.Errors;

namespace Virt.Remote.Transports.Ssh;

/// <summary>What can go wrong before a host has let somebody in: the words for it, whichever client of ssh has found out.</summary>
/// <param name="Code">The error's code.</param>
/// <param name="Message">What has happened.</param>
/// <param name="Action">What to do.</param>
internal sealed record SshProblem(VirtErrorCode Code, string Message, string Action)
{
    /// <summary>The host's key is another than the one that is known.</summary>
    /// <param name="host">The host.</param>
    /// <param name="where">Where another one is known, after a blank; empty when that is not known.</param>
    /// <param name="shown">The one that the host shows, after a blank; empty when that is not known.</param>
    /// <param name="removal">The command that removes the known one.</param>
    public static SshProblem KeyChanged(string host, string where, string shown, string removal) => new(
        VirtErrorCode.AuthenticationFailed,
        $"the key of {host} is not the one that is known{where}: somebody may be listening in, or the host was installed anew",
        $"Ask its administrator for the fingerprint{shown}; if the change is right, remove the old key with `{removal}` and connect again.");

    /// <summary>The host's key is not known, and nobody is asked.</summary>
    public static SshProblem KeyUnknown(string host, string check) => new(
        VirtErrorCode.AuthenticationFailed, $"the key of {host} is not known",
        $"{check}, or add known_hosts_verify=auto to the URI to accept keys of new hosts.");

    /// <summary>The name leads nowhere.</summary>
    public static SshProblem NoName(string host, string check) => new(VirtErrorCode.SystemError, $"the host '{host}' cannot be resolved", check);

    /// <summary>Nobody listens there.</summary>
    public static SshProblem Refused(string host, string detail) => new(
        VirtErrorCode.SystemError, $"{host} refuses the connection: {detail}", "Check that an ssh server runs there, and the port.");

    /// <summary>Nobody answers.</summary>
    public static SshProblem Silent(string host, string detail) => new(
        VirtErrorCode.SystemError, $"{host} does not answer: {detail}", "Check that the host is up and that no firewall drops the connection.");

    /// <summary>The network has no way there.</summary>
    public static SshProblem NoWay(string host, string detail) => new(
        VirtErrorCode.SystemError, $"there is no way to {host}: {detail}", "Check the address and this machine's network.");

    /// <summary>The host does not let the user in.</summary>
    public static SshProblem Denied(string destination, string detail) => new(
        VirtErrorCode.AuthenticationFailed, $"{destination} may not log in: {detail}",
        "Check the user in the URI, the key (parameter keyfile, or ssh-add for an agent) and ~/.ssh/authorized_keys there.");

    /// <summary>A question that has got no answer, or none that was accepted.</summary>
    public static SshProblem Unanswered(CredentialKind kind, string question, int attempt) => kind switch
    {
        CredentialKind.Confirmation => new(
            VirtErrorCode.AuthenticationCancelled, $"the host's key is not known, and nobody has accepted it: {question}",
            "Compare the fingerprint with the host's, and accept it; `ssh HOST` by hand adds it to the known hosts as well."),
        _ when attempt > 1 => new(
            VirtErrorCode.AuthenticationFailed, $"the answer to ssh's question was not accepted: {question}",
            "Check the password or passphrase, and that this user may log in there."),
        _ => new(
            VirtErrorCode.AuthenticationCancelled, $"ssh asks, and nobody answers: {question}",
            "Give the password or passphrase, for example with -Credential, or put the key into an agent with ssh-add."),
    };

    /// <summary>The error.</summary>
    public VirtConnectionException ToException(string? target, Exception? cause = null) => new(Code, Message, target, Action, cause);
}
