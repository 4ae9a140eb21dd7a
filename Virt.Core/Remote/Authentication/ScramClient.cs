using System.Security.Cryptography;
using System.Text;
using Virt.Errors;

namespace Virt.Remote.Authentication;

/// <summary>
/// The client of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding. The password does not leave this
/// process, and a daemon that does not know it cannot finish the exchange.
/// </summary>
internal sealed class ScramClient
{
    private const string NoChannelBinding = "n,,";
    private const int NonceSize = 24;

    private readonly string _password;
    private readonly string _nonce;
    private readonly string _firstBare;
    private byte[]? _serverSignature;

    public ScramClient(string userName, string password)
        : this(userName, password, Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceSize)))
    {
    }

    /// <summary>With a nonce that is known, for test vectors.</summary>
    internal ScramClient(string userName, string password, string nonce)
    {
        _password = SaslPrep.Prepare(password, "password");
        _nonce = nonce;
        _firstBare = $"n={ScramMessage.EscapeName(SaslPrep.Prepare(userName, "user name"))},r={nonce}";
    }

    /// <summary>The first message.</summary>
    public byte[] Start() => Encoding.UTF8.GetBytes(NoChannelBinding + _firstBare);

    /// <summary>The proof, in answer to the server's first message.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.AuthenticationFailed"/> when that message is not as it must be.</exception>
    public byte[] Prove(ReadOnlySpan<byte> serverFirst)
    {
        string challenge, nonce;
        byte[] salt;
        int iterations;
        try
        {
            challenge = ScramMessage.Decode(serverFirst);
            ScramMessage message = new(challenge);
            nonce = message.Read('r');
            salt = message.ReadBase64('s');
            iterations = message.ReadNumber('i');
        }
        catch (FormatException e)
        {
            throw Fault($"the daemon's challenge cannot be read: {e.Message}");
        }

        if (nonce.Length <= _nonce.Length || !nonce.StartsWith(_nonce, StringComparison.Ordinal))
            throw Fault("the daemon's challenge does not continue this client's nonce");
        if (salt.Length == 0)
            throw Fault("the daemon's challenge has no salt");
        if (iterations is < ScramKeys.MinimumIterations or > ScramKeys.MaximumIterations)
        {
            throw Fault(
                $"the daemon asks for {iterations} iterations; {ScramKeys.MinimumIterations} to {ScramKeys.MaximumIterations} are taken");
        }

        string finalWithoutProof = $"c={Convert.ToBase64String(Encoding.ASCII.GetBytes(NoChannelBinding))},r={nonce}";
        string authMessage = $"{_firstBare},{challenge},{finalWithoutProof}";
        byte[] salted = ScramKeys.SaltedPassword(_password, salt, iterations);
        byte[] clientKey = ScramKeys.ClientKey(salted);
        byte[] signature = ScramKeys.Sign(ScramKeys.StoredKey(clientKey), authMessage);
        _serverSignature = ScramKeys.Sign(ScramKeys.ServerKey(salted), authMessage);
        return Encoding.UTF8.GetBytes($"{finalWithoutProof},p={Convert.ToBase64String(ScramKeys.Xor(clientKey, signature))}");
    }

    /// <summary>Checks that the server knows the password too.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.AuthenticationFailed"/> when it does not.</exception>
    public void Verify(ReadOnlySpan<byte> serverFinal)
    {
        byte[] signature;
        try
        {
            ScramMessage message = new(ScramMessage.Decode(serverFinal));
            signature = message.ReadBase64('v');
        }
        catch (FormatException e)
        {
            throw Fault($"the daemon's last message cannot be read: {e.Message}");
        }

        if (_serverSignature is null || !CryptographicOperations.FixedTimeEquals(signature, _serverSignature))
            throw Fault("the daemon did not prove that it knows this user's password");
    }

    private static VirtException Fault(string message) => VirtException.Create(
        VirtErrorCode.AuthenticationFailed, message, recommendedAction: "Check that the URI leads to the daemon that you mean; something else may answer there.");
}
