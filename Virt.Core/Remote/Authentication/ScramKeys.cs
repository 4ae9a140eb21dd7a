using System.Security.Cryptography;
using System.Text;

namespace Virt.Remote.Authentication;

/// <summary>The arithmetic of SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677) that client and daemon share.</summary>
internal static class ScramKeys
{
    /// <summary>The mechanism's name.</summary>
    public const string Mechanism = "SCRAM-SHA-256";

    /// <summary>The fewest iterations that are taken (RFC 7677).</summary>
    public const int MinimumIterations = 4096;

    /// <summary>The most iterations a client works through for a daemon it does not know yet.</summary>
    public const int MaximumIterations = 1_000_000;

    public const int Size = SHA256.HashSizeInBytes;

    public static byte[] SaltedPassword(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, Size);

    public static byte[] ClientKey(byte[] saltedPassword) => HMACSHA256.HashData(saltedPassword, "Client Key"u8);

    public static byte[] ServerKey(byte[] saltedPassword) => HMACSHA256.HashData(saltedPassword, "Server Key"u8);

    public static byte[] StoredKey(byte[] clientKey) => SHA256.HashData(clientKey);

    /// <summary>The signature of the exchange with a key.</summary>
    public static byte[] Sign(byte[] key, string authMessage) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(authMessage));

    public static byte[] Xor(byte[] first, byte[] second)
    {
        byte[] result = new byte[first.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = (byte)(first[i] ^ second[i]);
        return result;
    }
}
