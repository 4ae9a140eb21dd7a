using Renci.SshNet;
using Renci.SshNet.Common;
using Virt.Connections;
using Virt.Terminals;

namespace Virt.Ssh.Login;

/// <summary>Answers whatever the host asks (RFC 4256), which is a password most of the time.</summary>
internal sealed class InteractiveLogin(string user, string host, Answers answers) : LoginMethod(user, answers)
{
    public override string Name => "keyboard-interactive";

    protected override AuthenticationResult TryLogin(Session session)
    {
        AuthenticationResult result = AuthenticationResult.Failure;
        for (int attempt = 0; attempt < Attempts && result == AuthenticationResult.Failure && (attempt == 0 || IsTaken); attempt++)
        {
            using KeyboardInteractiveAuthenticationMethod method = new(Username);
            bool asked = false;
            method.AuthenticationPrompt += (_, e) =>
            {
                asked |= e.Prompts.Count > 0;
                foreach (AuthenticationPrompt prompt in e.Prompts)
                    prompt.Response = Answers.Wait(AnswerAsync(e.Instruction, prompt));
            };
            result = TryOwn(method, session);
            // A host that refuses without a question refuses for another reason.
            if (!asked)
                break;
        }

        return result;
    }

    private Task<string> AnswerAsync(string? instruction, AuthenticationPrompt prompt)
    {
        string question = string.Join(' ', new[] { instruction?.Trim(), $"({Username}@{host})", prompt.Request.Trim() }.Where(part => part?.Length > 0));
        question = VisibleText.Lines(question);
        return !prompt.IsEchoed && prompt.Request.Contains("password", StringComparison.OrdinalIgnoreCase)
            ? Answers.AskPasswordAsync(Username, question)
            : Answers.AskAsync(CredentialKind.Passphrase, question);
    }
}
