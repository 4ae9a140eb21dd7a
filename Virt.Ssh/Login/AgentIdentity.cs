using Renci.SshNet.Security;
using Virt.Ssh.HostKeys;

namespace Virt.Ssh.Login;

/// <summary>A key that an agent holds.</summary>
/// <param name="agent">The agent.</param>
/// <param name="publicKey">The public key, or a certificate of it.</param>
internal sealed class AgentIdentity(AgentClient agent, byte[] publicKey)
{
    private const uint Sha256 = 2;
    private const uint Sha512 = 4;

    /// <summary>The public key.</summary>
    public byte[] PublicKey => publicKey;

    /// <summary>The ways to sign with it.</summary>
    public IReadOnlyCollection<HostAlgorithm> Algorithms => KnownHostsLine.TypeOf(publicKey) switch
    {
        null => [],
        "ssh-rsa" => [new Algorithm("rsa-sha2-512", this, Sha512), new Algorithm("rsa-sha2-256", this, Sha256)],
        "ssh-rsa-cert-v01@openssh.com" =>
        [
            new Algorithm("rsa-sha2-512-cert-v01@openssh.com", this, Sha512), new Algorithm("rsa-sha2-256-cert-v01@openssh.com", this, Sha256),
        ],
        var type => [new Algorithm(type, this, 0)],
    };

    private byte[] Sign(byte[] data, uint flags) => agent.Sign(publicKey, data, flags);

    private sealed class Algorithm(string name, AgentIdentity identity, uint flags) : HostAlgorithm(name)
    {
        public override byte[] Data => identity.PublicKey;

        public override byte[] Sign(byte[] data) => identity.Sign(data, flags);

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException();
    }
}
