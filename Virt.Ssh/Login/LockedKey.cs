using Renci.SshNet;
using Renci.SshNet.Security;
using Virt.Ssh.HostKeys;

namespace Virt.Ssh.Login;

/// <summary>A key whose public part is known and whose private part needs a passphrase, which is asked for when the host takes the key.</summary>
internal sealed class LockedKey(string name, byte[] publicKey, Lazy<PrivateKeyFile> unlocked) : HostAlgorithm(name)
{
    public override byte[] Data => publicKey;

    /// <summary>The signatures that a key can make; an RSA key makes several.</summary>
    public static IEnumerable<string> NamesOf(byte[] publicKey) => KnownHostsLine.TypeOf(publicKey) switch
    {
        "ssh-rsa" => ["rsa-sha2-512", "rsa-sha2-256"],
        null => [],
        var type => [type],
    };

    public override byte[] Sign(byte[] data) => unlocked.Value.HostKeyAlgorithms.First(algorithm => algorithm.Name == Name).Sign(data);

    public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException();
}
