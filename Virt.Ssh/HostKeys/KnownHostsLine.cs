using System.Buffers.Binary;
using System.Text;

namespace Virt.Ssh.HostKeys;

/// <summary>What a line of a known_hosts file says about its key.</summary>
internal enum HostKeyMark
{
    /// <summary>It is the host's.</summary>
    None,
    /// <summary>It was the host's and must not be trusted any more.</summary>
    Revoked,
    /// <summary>It signs hosts' certificates, which are not used here.</summary>
    Authority,
}

/// <summary>A line of a known_hosts file.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Number">The line's number, from 1.</param>
/// <param name="Mark">What it says about the key.</param>
/// <param name="Names">The hosts' names.</param>
/// <param name="Type">The key's type, as in the key itself.</param>
/// <param name="Key">The public key.</param>
internal sealed record KnownHostsLine(string File, int Number, HostKeyMark Mark, string Names, string Type, byte[] Key)
{
    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>Reads a line; null for a comment, an empty one, and one that is broken or marked with an unknown word.</summary>
    public static KnownHostsLine? Parse(string file, int number, string line)
    {
        string[] words = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0].StartsWith('#'))
            return null;
        HostKeyMark mark = HostKeyMark.None;
        if (words[0].StartsWith('@'))
        {
            mark = words[0] switch
            {
                "@revoked" => HostKeyMark.Revoked,
                _ => HostKeyMark.Authority,
            };
            words = words[1..];
        }

        return words.Length >= 3 && Decode(words[2]) is { } key && TypeOf(key) is { } type && type == words[1]
            ? new(file, number, mark, words[0], type, key)
            : null;
    }

    /// <summary>The type that a public key names itself; null when it is none.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> key)
    {
        if (key.Length < sizeof(uint))
            return null;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(key);
        return length is > 0 and <= 64 && length <= key.Length - sizeof(uint) ? Encoding.ASCII.GetString(key.Slice(sizeof(uint), (int)length)) : null;
    }

    private static byte[]? Decode(string text)
    {
        byte[] key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out int length) ? key[..length] : null;
    }
}
