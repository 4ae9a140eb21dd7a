using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Errors;

namespace Virt.Remote.Authentication;

/// <summary>Authenticates a new connection with what the daemon offers and this side knows.</summary>
internal static class ClientAuthentication
{
    /// <summary>Returns when both sides are authenticated.</summary>
    /// <param name="session">The connection's handshake.</param>
    /// <param name="user">The user of the URI, or null.</param>
    /// <param name="auth">Answers for user name and password.</param>
    /// <param name="target">What is being opened, for prompts and errors.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="VirtException">
    /// <see cref="VirtErrorCode.AuthenticationFailed"/>, or <see cref="VirtErrorCode.AuthenticationCancelled"/> without answers.
    /// </exception>
    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    public static async ValueTask AuthenticateAsync(
        ISession session, string? user, ConnectAuth auth, string target, CancellationToken cancel)
    {
        IReadOnlyList<string> offered = await session.ListAuthenticationAsync(cancel).ConfigureAwait(false);
        if (offered.Count == 0)
            return;
        if (!offered.Contains(ScramKeys.Mechanism, StringComparer.Ordinal))
        {
            throw VirtException.Create(
                VirtErrorCode.AuthenticationFailed,
                $"the daemon offers the authentication {string.Join(", ", offered)}; this version has {ScramKeys.Mechanism}",
                target,
                $"Enable {ScramKeys.Mechanism} at the daemon, or use another transport.");
        }

        (string name, string password) = await AskAsync(user, auth, target, cancel).ConfigureAwait(false);
        ScramClient scram = new(name, password);
        AuthenticationStep challenge =
            await session.StartAuthenticationAsync(ScramKeys.Mechanism, scram.Start(), cancel).ConfigureAwait(false);
        if (challenge.Complete)
            throw Broken(target);
        AuthenticationStep final =
            await session.StepAuthenticationAsync(scram.Prove(challenge.Data.Span), cancel).ConfigureAwait(false);
        if (!final.Complete)
            throw Broken(target);
        scram.Verify(final.Data.Span);
    }

    private static async ValueTask<(string Name, string Password)> AskAsync(
        string? user, ConnectAuth auth, string target, CancellationToken cancel)
    {
        List<CredentialRequest> requests = [];
        if (user is null)
            requests.Add(new(CredentialKind.UserName, $"User name for {target}", Environment.UserName));
        requests.Add(new(CredentialKind.Password, user is null ? $"Password for {target}" : $"Password of {user} for {target}"));

        IReadOnlyList<string>? answers = await auth.Answer(requests, cancel).ConfigureAwait(false);
        if (answers is null || answers.Count != requests.Count)
        {
            throw VirtException.Create(
                VirtErrorCode.AuthenticationCancelled,
                "the daemon asks for a user name and password, and none was given",
                target,
                "Give a credential, for example with -Credential.");
        }

        return (user ?? answers[0], answers[^1]);
    }

    private static VirtException Broken(string target) => VirtException.Create(
        VirtErrorCode.AuthenticationFailed, "the daemon did not keep to the authentication exchange", target,
        "Check that the URI leads to the daemon that you mean.");
}
