using System.Security.Cryptography;
using System.Text;

namespace Virt.Ssh.HostKeys;

/// <summary>
/// The names at the beginning of a line of a known_hosts file (sshd(8)): patterns with wildcards and negation between commas, or
/// one name as a hash.
/// </summary>
internal static class HostPattern
{
    private const string HashMark = "|1|";

    /// <summary>Whether the names are those of a host.</summary>
    /// <param name="names">The line's first word.</param>
    /// <param name="host">The host as <see cref="NameOf"/> spells it.</param>
    public static bool Matches(string names, string host) =>
        names.StartsWith(HashMark, StringComparison.Ordinal) ? MatchesHash(names, host) : MatchesList(names, host);

    /// <summary>A host's name in known_hosts files: <c>host</c>, or <c>[host]:port</c> for another port than 22.</summary>
    public static string NameOf(string host, int port)
    {
        string name = host.ToLowerInvariant();
        return port == 22 ? name : FormattableString.Invariant($"[{name}]:{port}");
    }

    private static bool MatchesList(string names, string host)
    {
        bool matches = false;
        foreach (string name in names.Split(','))
        {
            bool negated = name.StartsWith('!');
            if (!MatchesWildcards(negated ? name.AsSpan(1) : name, host))
                continue;
            if (negated)
                return false;
            matches = true;
        }

        return matches;
    }

    private static bool MatchesHash(string names, string host)
    {
        string[] parts = names[HashMark.Length..].Split('|');
        byte[] salt = new byte[SHA1.HashSizeInBytes], hash = new byte[SHA1.HashSizeInBytes];
        return parts.Length == 2
            && Convert.TryFromBase64String(parts[0], salt, out int saltLength) && saltLength == salt.Length
            && Convert.TryFromBase64String(parts[1], hash, out int hashLength) && hashLength == hash.Length
            && Hash(salt, host).AsSpan().SequenceEqual(hash);
    }

    /// <summary>What the file format has; it hides names, it protects nothing.</summary>
#pragma warning disable CA5350
    private static byte[] Hash(byte[] salt, string host) => HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(host));
#pragma warning restore CA5350

    private static bool MatchesWildcards(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // The last star is where to go on from when what follows does not match.
        int at = 0, star = -1, resume = 0;
        for (int i = 0; i < text.Length;)
        {
            if (at < pattern.Length && pattern[at] == '*')
                (star, resume) = (at++, i);
            else if (at < pattern.Length && (pattern[at] == '?' || char.ToLowerInvariant(pattern[at]) == text[i]))
                (at, i) = (at + 1, i + 1);
            else if (star >= 0)
                (at, i) = (star + 1, ++resume);
            else
                return false;
        }

        return pattern[at..].TrimStart('*').IsEmpty;
    }
}
