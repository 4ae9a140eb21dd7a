using Renci.SshNet;

namespace Virt.Ssh;

/// <summary>
/// Which algorithms are offered, and in which order: those that OpenSSH's client offers too, the cheap ones of equal worth first.
/// </summary>
internal static class Algorithms
{
    /// <summary>
    /// The post-quantum exchanges come last: in managed code they take up to 400 ms. They are there for a host that takes nothing else.
    /// </summary>
    private static readonly string[] KeyExchanges =
    [
        "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
        "diffie-hellman-group-exchange-sha256", "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
        "diffie-hellman-group14-sha256", "mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com",
    ];

    private static readonly string[] Ciphers =
    [
        "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr", "chacha20-poly1305@openssh.com",
    ];

    private static readonly string[] Macs =
    [
        "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha1-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512",
        "hmac-sha1",
    ];

    /// <summary>Without certificates, whose authorities are not looked at here, so that hosts show their keys.</summary>
    private static readonly string[] HostKeys =
    [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
    ];

    /// <summary>Sets what is offered.</summary>
    /// <param name="connection">Where to set it.</param>
    /// <param name="knownTypes">
    /// The types of the host's keys that are known. They come first, so that the host shows one of those, if it has any.
    /// </param>
    public static void Offer(ConnectionInfo connection, IReadOnlyCollection<string> knownTypes)
    {
        Arrange(connection.KeyExchangeAlgorithms, KeyExchanges);
        Arrange(connection.Encryptions, Ciphers);
        Arrange(connection.HmacAlgorithms, Macs);
        Arrange(connection.HostKeyAlgorithms, [.. HostKeys.OrderBy(name => knownTypes.Contains(TypeOf(name)) ? 0 : 1)]);
        Arrange(connection.CompressionAlgorithms, ["none"]);
    }

    /// <summary>The type of the key behind a signature's name.</summary>
    private static string TypeOf(string name) => name.StartsWith("rsa-", StringComparison.Ordinal) ? "ssh-rsa" : name;

    private static void Arrange<T>(IOrderedDictionary<string, T> algorithms, string[] names)
    {
        KeyValuePair<string, T>[] wanted =
            [.. names.Where(algorithms.ContainsKey).Select(name => KeyValuePair.Create(name, algorithms[name]))];
        algorithms.Clear();
        foreach ((string name, T algorithm) in wanted)
            algorithms.Add(name, algorithm);
    }
}
