using System.Security.Cryptography;
using System.Text;
using Virt.Errors;
using Virt.Remote.Authentication;

namespace Virt.Daemon.Rpc.Authentication;

/// <summary>The server of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding.</summary>
internal sealed class ScramServer(ScramUsers users, string? nonce = null)
{
    private const int NonceSize = 24;

    private readonly string _nonce = nonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceSize));
    private ScramUser? _user;
    private bool _exists;
    private string _binding = string.Empty;
    private string _fullNonce = string.Empty;
    private string _conversation = string.Empty;

    /// <summary>The user's name, as the client gave it.</summary>
    public string User => _user?.Name ?? string.Empty;

    /// <summary>Answers the client's first message.</summary>
    /// <exception cref="ScramException">The message is not as it must be.</exception>
    public async ValueTask<byte[]> ChallengeAsync(ReadOnlyMemory<byte> clientFirst, CancellationToken cancel)
    {
        (string name, string clientNonce, string bare) = ReadFirst(clientFirst.Span);
        (_user, _exists) = await users.FindAsync(name, cancel).ConfigureAwait(false);
        _fullNonce = clientNonce + _nonce;
        string challenge = FormattableString.Invariant(
            $"r={_fullNonce},s={Convert.ToBase64String(_user.Salt)},i={_user.Iterations}");
        _conversation = $"{bare},{challenge}";
        return Encoding.UTF8.GetBytes(challenge);
    }

    /// <summary>Checks the client's proof and returns the server's.</summary>
    /// <exception cref="ScramException">The proof is wrong, the user does not exist, or the message is not as it must be.</exception>
    public byte[] Finish(ReadOnlySpan<byte> clientFinal)
    {
        ScramUser user = _user ?? throw new ScramException("the final message came first");
        byte[] binding, proof;
        string nonce, withoutProof;
        try
        {
            string text = ScramMessage.Decode(clientFinal);
            ScramMessage message = new(text);
            binding = message.ReadBase64('c');
            nonce = message.Read('r');
            int end = text.LastIndexOf(",p=", StringComparison.Ordinal);
            withoutProof = end < 0 ? throw new FormatException("the proof is missing") : text[..end];
            ScramMessage last = new(text.AsSpan(end + 1));
            proof = last.ReadBase64('p');
        }
        catch (FormatException e)
        {
            throw new ScramException($"final message: {e.Message}");
        }

        // The arithmetic is done for a user that does not exist as well, so that the time tells nothing.
        string conversation = $"{_conversation},{withoutProof}";
        byte[] signature = ScramKeys.Sign(user.StoredKey, conversation);
        byte[] serverSignature = ScramKeys.Sign(user.ServerKey, conversation);
        bool proven = proof.Length == ScramKeys.Size && CryptographicOperations.FixedTimeEquals(
            ScramKeys.StoredKey(ScramKeys.Xor(proof, signature)), user.StoredKey);
        if (!CryptographicOperations.FixedTimeEquals(binding, Encoding.UTF8.GetBytes(_binding)))
            throw new ScramException("final message: the channel binding has changed");
        if (nonce != _fullNonce)
            throw new ScramException("final message: the nonce has changed");
        if (!_exists)
            throw new ScramException($"there is no user '{user.Name}'");
        if (!proven)
            throw new ScramException($"wrong password of user '{user.Name}'");
        return Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(serverSignature)}");
    }

    private (string Name, string Nonce, string Bare) ReadFirst(ReadOnlySpan<byte> clientFirst)
    {
        try
        {
            string text = ScramMessage.Decode(clientFirst);
            ScramMessage message = new(text);
            ReadOnlySpan<char> channelBinding = message.Next();
            if (channelBinding is not ("n" or "y"))
                throw new FormatException("channel binding is not offered");
            ReadOnlySpan<char> authorization = message.Next();
            if (!authorization.IsEmpty)
                throw new FormatException("acting as another user is not offered");
            if (message.IsEnd)
                throw new FormatException("it ends within its first part");
            _binding = text[..(channelBinding.Length + 2)];
            string name = SaslPrep.Prepare(ScramMessage.UnescapeName(message.Read('n')), "user name");
            string nonce = message.Read('r');
            return nonce.Length == 0 ? throw new FormatException("the nonce is empty") : (name, nonce, text[_binding.Length..]);
        }
        catch (Exception e) when (e is FormatException or VirtException)
        {
            throw new ScramException($"first message: {e.Message}");
        }
    }
}
