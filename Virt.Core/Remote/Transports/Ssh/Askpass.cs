using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Processes;

namespace Virt.Remote.Transports.Ssh;

/// <summary>
/// The bridge from ssh's questions to the user (SSH_ASKPASS in ssh(1)). The program that ssh runs for each question is a small
/// script which passes it on over standard error, a socket that it shares with ssh, and reads the answer there: nothing
/// secret is on a command line, in the environment or in a file. What a server prints there cannot pass for a question, because
/// it does not know the token.
/// </summary>
internal sealed class Askpass : IQuestions, IDisposable
{
    private readonly string _begin;
    private readonly string _end;
    private readonly string _folder;
    private readonly ConnectAuth _auth;
    private readonly CancellationToken _cancel;
    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, int> _asked = new(StringComparer.Ordinal);

    private Askpass(string folder, ConnectAuth auth, CancellationToken cancel)
    {
        string token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        (_begin, _end) = ($"<{token} ", $" {token}>\n");
        (_folder, _auth, _cancel) = (folder, auth, cancel);
    }

    /// <summary>Fails when a question has no answer.</summary>
    public Task GivenUp => _givenUp.Task;

    /// <summary>What ssh finds in its environment; DISPLAY is for clients before 8.4, which ask only where it is set.</summary>
    public IReadOnlyList<(string Name, string Value)> Variables =>
    [
        ("SSH_ASKPASS", Script), ("SSH_ASKPASS_REQUIRE", "force"),
        ("DISPLAY", Environment.GetEnvironmentVariable("DISPLAY") is { Length: > 0 } display ? display : ":none"),
    ];

    private string Script => Path.Combine(_folder, "askpass");

    /// <summary>Writes the script into a folder of its own.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    [SupportedOSPlatform("linux")]
    public static Askpass Create(ConnectAuth auth, CancellationToken cancel)
    {
        try
        {
            Askpass askpass = new(Directory.CreateTempSubdirectory("virt-askpass-").FullName, auth, cancel);
            askpass.WriteScript();
            return askpass;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VirtConnectionException(
                VirtErrorCode.SystemError, $"the script for ssh's questions cannot be written: {e.Message}", null,
                "Check the folder of temporary files (TMPDIR), or add no_tty=1 to the URI, so that ssh asks nothing.", e);
        }
    }

    public string? Take(StringBuilder text)
    {
        string all = text.ToString();
        int begin = all.IndexOf(_begin, StringComparison.Ordinal);
        int end = begin < 0 ? -1 : all.IndexOf(_end, begin, StringComparison.Ordinal);
        if (end < 0)
            return null;
        text.Remove(begin, end + _end.Length - begin);
        return all[(begin + _begin.Length)..end].Trim();
    }

    public async Task<string?> AnswerAsync(string question)
    {
        try
        {
            int attempt = _asked[question] = _asked.GetValueOrDefault(question) + 1;
            CredentialRequest request = new(KindOf(question), question, Attempt: attempt);
            IReadOnlyList<string>? answers = await _auth.Answer([request], _cancel).ConfigureAwait(false);
            if (answers is [var answer] && !answer.AsSpan().ContainsAny('\r', '\n', '\0'))
                return answer;
            throw SshProblem.Unanswered(KindOf(question), question, attempt).ToException(null);
        }
        catch (Exception e)
        {
            _givenUp.TrySetException(e);
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A script without its secret is left among the temporary files.
        }
    }

    private static CredentialKind KindOf(string question) =>
        question.Contains("(yes/no", StringComparison.Ordinal) || question.Contains("'yes' or 'no'", StringComparison.Ordinal)
        || question.StartsWith("Please type 'yes'", StringComparison.Ordinal) ? CredentialKind.Confirmation
        : question.Contains("passphrase", StringComparison.OrdinalIgnoreCase) ? CredentialKind.Passphrase
        : CredentialKind.Password;

    // A hint of none is a notice, such as to touch a security key: it waits for nothing.
    [SupportedOSPlatform("linux")]
    private void WriteScript()
    {
        string script = $"""
            #!/bin/sh
            if [ "$SSH_ASKPASS_PROMPT" = none ]; then printf '%s\n' "$1" >&2; exit 0; fi
            printf '%s%s{_end.TrimEnd()}\n' '{_begin}' "$1" >&2
            IFS= read -r answer <&2 || exit 1
            printf '%s\n' "$answer"

            """;
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
        };
        using FileStream file = new(Script, options);
        file.Write(Encoding.ASCII.GetBytes(script));
    }
}
