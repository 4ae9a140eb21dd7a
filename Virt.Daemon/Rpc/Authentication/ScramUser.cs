using System.Security.Cryptography;
using Virt.Remote.Authentication;

namespace Virt.Daemon.Rpc.Authentication;

/// <summary>
/// What the daemon knows of a user's password: enough to check a proof, not enough to make one (RFC 5802 section 3).
/// </summary>
/// <param name="Name">The prepared user name.</param>
/// <param name="Iterations">How often the password is hashed.</param>
/// <param name="Salt">What it is hashed with.</param>
/// <param name="StoredKey">Checks the client's proof.</param>
/// <param name="ServerKey">Makes the server's.</param>
internal sealed record ScramUser(string Name, int Iterations, byte[] Salt, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>The iterations of every user that virtd adds.</summary>
    public const int DefaultIterations = 100_000;

    private const int SaltSize = 16;

    /// <summary>Derives a user's keys from a password.</summary>
    public static ScramUser Create(string name, string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltSize);
        byte[] salted = ScramKeys.SaltedPassword(SaslPrep.Prepare(password, "password"), salt, DefaultIterations);
        return new(
            SaslPrep.Prepare(name, "user name"), DefaultIterations, salt, ScramKeys.StoredKey(ScramKeys.ClientKey(salted)),
            ScramKeys.ServerKey(salted));
    }

    /// <summary>
    /// A user that does not exist, with keys that no password has. Its salt depends on the name and on a secret, so that asking
    /// twice gives the same one, as with a real user.
    /// </summary>
    public static ScramUser Absent(string name, byte[] secret)
    {
        byte[] salt = HMACSHA256.HashData(secret, System.Text.Encoding.UTF8.GetBytes(name));
        return new(
            name, DefaultIterations, salt[..SaltSize], RandomNumberGenerator.GetBytes(ScramKeys.Size),
            RandomNumberGenerator.GetBytes(ScramKeys.Size));
    }
}
