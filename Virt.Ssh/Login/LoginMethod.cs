using Renci.SshNet;
using Virt.Ssh.Channels;

namespace Virt.Ssh.Login;

/// <summary>
/// A way to log in. While it works, the session has no time limit of its own, as a user may think about a question; the caller's
/// token ends it by closing the socket.
/// </summary>
internal abstract class LoginMethod(string user, Answers answers) : AuthenticationMethod(user)
{
    /// <summary>How often a question is asked again, as OpenSSH's NumberOfPasswordPrompts.</summary>
    protected const int Attempts = 3;

    /// <summary>The user's answers.</summary>
    protected Answers Answers => answers;

    public sealed override AuthenticationResult Authenticate(Session session)
    {
        session.ConnectionInfo.Timeout = Timeout.InfiniteTimeSpan;
        using CancellationTokenRegistration end = answers.Cancel.Register(() => SessionAccess.Abort(session));
        answers.Cancel.ThrowIfCancellationRequested();
        return TryLogin(session);
    }

    /// <summary>Tries; on the thread that connects.</summary>
    protected abstract AuthenticationResult TryLogin(Session session);

    /// <summary>Lets SSH.NET's own method try, and passes on which ones the host takes then.</summary>
    protected AuthenticationResult TryOwn(AuthenticationMethod method, Session session)
    {
        AuthenticationResult result = method.Authenticate(session);
        AllowedAuthentications = method.AllowedAuthentications;
        return result;
    }

    /// <summary>Whether the host goes on to take this method.</summary>
    protected bool IsTaken => AllowedAuthentications?.Contains(Name) == true;
}
