using System.Buffers.Binary;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;
using Virt.Connections;
using Virt.Errors;
using Virt.Ssh.HostKeys;

namespace Virt.Ssh.Login;

/// <summary>A private key in a file: OpenSSH's own format, PEM, PKCS #8 or PuTTY's, with or without a passphrase.</summary>
internal sealed class KeyFile
{
    private const string OpenSshBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
    private const string OpenSshEnd = "-----END OPENSSH PRIVATE KEY-----";
    private const int Attempts = 3;
    private static readonly byte[] OpenSshMagic = Encoding.ASCII.GetBytes("openssh-key-v1\0");

    private readonly string _path;
    private readonly PrivateKeyFile? _open;

    private KeyFile(string path, PrivateKeyFile? open, byte[]? publicKey) => (_path, _open, PublicKey) = (path, open, publicKey);

    /// <summary>The public key; null when it can be had with the passphrase only.</summary>
    public byte[]? PublicKey { get; }

    /// <summary>Opens the file that a URI names.</summary>
    /// <exception cref="VirtException">It is not there, no key, or open to others.</exception>
    public static KeyFile Open(string path, ConnectionUri uri)
    {
        try
        {
            return Read(path);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw new VirtConnectionException(
                VirtErrorCode.SystemError, $"the key {path} cannot be used: {e.Message}", uri.ToString(),
                "Name a private key that only you can read (chmod 600), in a format of ssh-keygen, PEM or PuTTY.", e);
        }
    }

    /// <summary>Opens a file if it is a key to use; null when it is not there or cannot be used.</summary>
    public static KeyFile? TryOpen(string path)
    {
        try
        {
            return File.Exists(path) ? Read(path) : null;
        }
        catch (Exception e) when (IsBroken(e))
        {
            return null;
        }
    }

    /// <summary>Whether it needs a passphrase.</summary>
    public bool IsLocked => _open is null;

    /// <summary>The ways to sign with it; of a locked key, the passphrase is asked for at the first use.</summary>
    public IReadOnlyCollection<HostAlgorithm> Algorithms(Answers answers)
    {
        if (_open is not null)
            return SignaturesOf(_open);
        Lazy<PrivateKeyFile> unlocked = new(() => Unlock(answers));
        return PublicKey is null
            ? SignaturesOf(unlocked.Value)
            : [.. LockedKey.NamesOf(PublicKey).Select(name => new LockedKey(name, PublicKey, unlocked))];
    }

    private static KeyFile Read(string path)
    {
        CheckRights(path);
        string text = File.ReadAllText(path);
        try
        {
            PrivateKeyFile open = Load(path, null);
            return new(path, open, open.HostKeyAlgorithms.Last().Data);
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            return new(path, null, File.Exists(Certificate(path)) ? null : PublicKeyIn(text) ?? PublicKeyBeside(path));
        }
    }

    /// <summary>Without those that rest on SHA-1, which hosts refuse and count as a failure.</summary>
    private static HostAlgorithm[] SignaturesOf(PrivateKeyFile key) =>
        [.. key.HostKeyAlgorithms.Where(algorithm => algorithm.Name is not ("ssh-rsa" or "ssh-rsa-cert-v01@openssh.com"))];

    private static PrivateKeyFile Load(string path, string? passphrase) =>
        new(path, passphrase, File.Exists(Certificate(path)) ? Certificate(path) : null);

    private static string Certificate(string path) => $"{path}-cert.pub";

    /// <summary>As OpenSSH's client, uses no key that others can read.</summary>
    private static void CheckRights(string path)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            throw new UnauthorizedAccessException("others than its owner may read or write it");
    }

    private PrivateKeyFile Unlock(Answers answers)
    {
        for (int attempt = 1; ; attempt++)
        {
            string passphrase = Answers.Wait(answers.AskAsync(CredentialKind.Passphrase, $"Enter passphrase for key '{_path}':"));
            try
            {
                return Load(_path, passphrase);
            }
            catch (Exception e) when (IsBroken(e) || e is SshPassPhraseNullOrEmptyException)
            {
                if (attempt == Attempts)
                {
                    throw new VirtConnectionException(
                        VirtErrorCode.AuthenticationFailed, $"the passphrase of the key {_path} is wrong", null,
                        "Check the passphrase, or put the key into an agent with ssh-add.", e);
                }
            }
        }
    }

    /// <summary>The library tells a wrong passphrase and a broken file by many kinds of exceptions.</summary>
    private static bool IsBroken(Exception e) => e is not (OperationCanceledException or SshPassPhraseNullOrEmptyException or OutOfMemoryException);

    /// <summary>The public key that stands unencrypted in OpenSSH's format (PROTOCOL.key).</summary>
    private static byte[]? PublicKeyIn(string text)
    {
        int begin = text.IndexOf(OpenSshBegin, StringComparison.Ordinal), end = text.IndexOf(OpenSshEnd, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            return null;
        ReadOnlySpan<byte> rest = Convert.FromBase64String(text[(begin + OpenSshBegin.Length)..end]);
        if (!rest.StartsWith(OpenSshMagic))
            return null;
        rest = rest[OpenSshMagic.Length..];
        // The cipher, the way to its key, and that one's parameters; then how many keys there are.
        for (int i = 0; i < 3; i++)
            Take(ref rest);
        rest = rest[sizeof(uint)..];
        return Take(ref rest).ToArray();
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        int length = checked((int)BinaryPrimitives.ReadUInt32BigEndian(rest));
        ReadOnlySpan<byte> taken = rest.Slice(sizeof(uint), length);
        rest = rest[(sizeof(uint) + length)..];
        return taken;
    }

    private static byte[]? PublicKeyBeside(string path)
    {
        string file = $"{path}.pub";
        return File.Exists(file) ? KnownHostsLine.Parse(file, 1, $"* {File.ReadLines(file).FirstOrDefault()}")?.Key : null;
    }
}
