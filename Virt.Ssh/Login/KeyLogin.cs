using Renci.SshNet;
using Renci.SshNet.Security;

namespace Virt.Ssh.Login;

/// <summary>Logs in with the keys of an agent and of files.</summary>
internal sealed class KeyLogin(string user, Identities identities, Answers answers) : LoginMethod(user, answers)
{
    public override string Name => "publickey";

    protected override AuthenticationResult TryLogin(Session session)
    {
        using AgentClient? agent = identities.ConnectAgent();
        using CancellationTokenRegistration end = Answers.Cancel.Register(() => agent?.Dispose());
        HostAlgorithm[] keys = [.. identities.Find(agent, Answers)];
        if (keys.Length == 0)
            return AuthenticationResult.Failure;
        using PrivateKeyAuthenticationMethod method = new(Username, new Keys(keys));
        return TryOwn(method, session);
    }

    private sealed class Keys(HostAlgorithm[] keys) : IPrivateKeySource
    {
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms => keys;
    }
}
