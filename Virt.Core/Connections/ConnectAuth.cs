namespace Virt.Connections;

/// <summary>What a credential is; libvirt's <c>virConnectCredentialType</c>.</summary>
public enum CredentialKind
{
    /// <summary>A user name; echoed when typed.</summary>
    UserName,
    /// <summary>A password; not echoed.</summary>
    Password,
    /// <summary>The passphrase of a key; not echoed.</summary>
    Passphrase,
    /// <summary>A question to be answered with <c>yes</c> or <c>no</c>, as whether a host's key is right; echoed when typed.</summary>
    Confirmation,
}

/// <summary>One question to the user.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Prompt">The question's words.</param>
/// <param name="Default">The answer when the user gives none, or null.</param>
/// <param name="Attempt">From 2 on when the answers before were not accepted.</param>
public sealed record CredentialRequest(CredentialKind Kind, string Prompt, string? Default = null, int Attempt = 1);

/// <summary>
/// The caller's answers when a connection must authenticate, as <c>virConnectAuth</c> is for libvirt.
/// </summary>
/// <param name="Answer">Called with the questions; returns one answer for each, or null to give up.</param>
public sealed record ConnectAuth(Func<IReadOnlyList<CredentialRequest>, CancellationToken, ValueTask<IReadOnlyList<string>?>> Answer)
{
    /// <summary>Has no answers: connections that ask fail with an error that says so.</summary>
    public static ConnectAuth None { get; } = new((_, _) => ValueTask.FromResult<IReadOnlyList<string>?>(null));

    /// <summary>Answers with a fixed user name and password, which also serves as passphrase; each once, and nothing else.</summary>
    public static ConnectAuth FromCredential(string userName, string password) => new((requests, _) =>
        ValueTask.FromResult<IReadOnlyList<string>?>(
            requests.Any(request => request.Kind == CredentialKind.Confirmation || request.Attempt > 1)
                ? null
                : [.. requests.Select(request => request.Kind == CredentialKind.UserName ? userName : password)]));
}
