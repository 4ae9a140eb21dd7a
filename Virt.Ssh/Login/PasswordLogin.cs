using Renci.SshNet;
using Renci.SshNet.Common;

namespace Virt.Ssh.Login;

/// <summary>Logs in with a password, which is asked for when the host takes one.</summary>
internal sealed class PasswordLogin(string user, string host, Answers answers) : LoginMethod(user, answers)
{
    public override string Name => "password";

    protected override AuthenticationResult TryLogin(Session session)
    {
        AuthenticationResult result = AuthenticationResult.Failure;
        for (int attempt = 0; attempt < Attempts && result == AuthenticationResult.Failure && (attempt == 0 || IsTaken); attempt++)
        {
            string password = Answers.Wait(Answers.AskPasswordAsync(Username, $"{Username}@{host}'s password:"));
            using PasswordAuthenticationMethod method = new(Username, password);
            method.PasswordExpired += (_, _) => throw new SshAuthenticationException("the password has expired; change it there, for example with ssh");
            result = TryOwn(method, session);
        }

        return result;
    }
}
