using Renci.SshNet.Security;
using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Ssh;
using Virt.Ssh.HostKeys;

namespace Virt.Ssh.Login;

/// <summary>Which keys a URI logs in with, and in which order.</summary>
/// <param name="uri">The URI.</param>
/// <param name="methods">The ways to log in.</param>
internal sealed class Identities(ConnectionUri uri, IReadOnlyList<SshMethod> methods)
{
    private static readonly string[] DefaultNames = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>Connects to the agent, if there is one and it may be used.</summary>
    public AgentClient? ConnectAgent() => methods.Contains(SshMethod.Agent) ? AgentClient.TryConnect() : null;

    /// <summary>
    /// The keys, best first: the one that the URI names, then those of the agent and of the user's files in the order of the
    /// parameter <c>sshauth</c>. A key that the agent has is the agent's to use, which needs no passphrase.
    /// </summary>
    /// <exception cref="VirtException">The key that the URI names cannot be used.</exception>
    public IReadOnlyList<HostAlgorithm> Find(AgentClient? agent, Answers answers)
    {
        List<AgentIdentity> held = [.. agent?.List() ?? []];
        List<HostAlgorithm> keys = [];
        if (methods.Contains(SshMethod.PrivateKey) && SshUri.FilePath(uri, "keyfile") is { } named)
            keys.AddRange(Use(KeyFile.Open(named, uri), held, answers));
        foreach (SshMethod method in methods)
        {
            if (method == SshMethod.Agent)
            {
                keys.AddRange(held.SelectMany(identity => identity.Algorithms));
                held.Clear();
            }
            else if (method == SshMethod.PrivateKey && SshUri.Parameter(uri, "keyfile") is null)
            {
                keys.AddRange(DefaultNames.Select(name => Path.Combine(KnownHostsFiles.UserFolder, name))
                    .Select(KeyFile.TryOpen).OfType<KeyFile>().Where(file => answers.MayAsk || !file.IsLocked)
                    .SelectMany(file => Use(file, held, answers)));
            }
        }

        // A key that is in a file and in the agent is tried once.
        return [.. keys.DistinctBy(key => (key.Name, Convert.ToBase64String(key.Data)))];
    }

    private static IReadOnlyCollection<HostAlgorithm> Use(KeyFile file, List<AgentIdentity> held, Answers answers) =>
        held.Find(identity => file.PublicKey is not null && identity.PublicKey.AsSpan().SequenceEqual(file.PublicKey)) is { } identity
            ? identity.Algorithms
            : file.Algorithms(answers);
}
