using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Ssh;

namespace Virt.Ssh.Login;

/// <summary>
/// The user's answers while a connection is made. SSH.NET asks from threads of its own and waits for the answer there, so those
/// who ask for it wait as well (<see cref="Wait"/>).
/// </summary>
/// <param name="auth">Who answers.</param>
/// <param name="mayAsk">Whether anybody does.</param>
/// <param name="cancel">Ends waiting.</param>
internal sealed class Answers(ConnectAuth auth, bool mayAsk, CancellationToken cancel)
{
    private readonly Dictionary<string, int> _asked = new(StringComparer.Ordinal);

    /// <summary>Whether anybody answers.</summary>
    public bool MayAsk => mayAsk;

    /// <summary>Ends waiting.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>Asks one question.</summary>
    /// <exception cref="VirtException">Nobody has answered.</exception>
    public async Task<string> AskAsync(CredentialKind kind, string question)
    {
        int attempt = Count(question);
        return (await AskAsync(question, [new(kind, question, Attempt: attempt)]).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Asks for the password of a user, whose name is said along: some ways to ask want to show it. However often and in whichever
    /// words the host asks for it, it is the same question.
    /// </summary>
    /// <exception cref="VirtException">Nobody has answered.</exception>
    public async Task<string> AskPasswordAsync(string user, string question)
    {
        int attempt = Count("password");
        string words = attempt > 1 ? $"Permission denied, please try again. {question}" : question;
        return (await AskAsync(
            question, [new(CredentialKind.UserName, "", user, attempt), new(CredentialKind.Password, words, Attempt: attempt)]).ConfigureAwait(false))[1];
    }

    /// <summary>Waits on a thread of SSH.NET.</summary>
    public static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private int Count(string question)
    {
        lock (_asked)
            return _asked[question] = _asked.GetValueOrDefault(question) + 1;
    }

    private async Task<IReadOnlyList<string>> AskAsync(string question, IReadOnlyList<CredentialRequest> requests)
    {
        IReadOnlyList<string>? answers = mayAsk ? await auth.Answer(requests, cancel).ConfigureAwait(false) : null;
        return answers is not null && answers.Count == requests.Count
            ? answers
            : throw SshProblem.Unanswered(requests[^1].Kind, question, requests[^1].Attempt).ToException(null);
    }
}
