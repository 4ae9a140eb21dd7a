using System.Globalization;
using System.Text;

namespace Virt.Remote.Authentication;

/// <summary>Takes SCRAM messages apart: attributes of one letter in a fixed order, separated by commas (RFC 5802 section 7).</summary>
internal ref struct ScramMessage(ReadOnlySpan<char> text)
{
    private const int MaximumLength = 4096;

    private ReadOnlySpan<char> _rest = text;
    private bool _ended = text.IsEmpty;

    public readonly bool IsEnd => _ended;

    /// <summary>The text of a message, which is UTF-8 and of a sane length.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static string Decode(ReadOnlySpan<byte> data)
    {
        if (data.Length > MaximumLength)
            throw new FormatException("the message is too long");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(data);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("the message is not UTF-8");
        }
    }

    /// <summary>Reads the next attribute, which must have this name.</summary>
    /// <exception cref="FormatException">It has not.</exception>
    public string Read(char name)
    {
        ReadOnlySpan<char> part = Next();
        if (part.Length < 2 || part[0] != name || part[1] != '=')
            throw new FormatException($"the attribute '{name}' is missing");
        return part[2..].ToString();
    }

    /// <summary>Reads the next attribute as base64.</summary>
    public byte[] ReadBase64(char name)
    {
        string text = Read(name);
        byte[] bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out int length))
            throw new FormatException($"the attribute '{name}' is not base64");
        return bytes[..length];
    }

    /// <summary>Reads the next attribute as a positive number.</summary>
    public int ReadNumber(char name) =>
        int.TryParse(Read(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new FormatException($"the attribute '{name}' is not a positive number");

    /// <summary>Reads up to the next comma, whatever stands there.</summary>
    public ReadOnlySpan<char> Next()
    {
        if (_ended)
            return default;
        int comma = _rest.IndexOf(',');
        ReadOnlySpan<char> part = comma < 0 ? _rest : _rest[..comma];
        _ended = comma < 0;
        _rest = comma < 0 ? default : _rest[(comma + 1)..];
        return part;
    }

    /// <summary>A user name as it stands in a message: without comma and equals sign.</summary>
    public static string EscapeName(string name) =>
        name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    /// <summary>The user name that stands in a message.</summary>
    /// <exception cref="FormatException">An equals sign does not stand for anything.</exception>
    public static string UnescapeName(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new FormatException("the user name has a NUL character");
        string name = text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "\0", StringComparison.Ordinal);
        return name.Contains('=', StringComparison.Ordinal)
            ? throw new FormatException("the user name has an '=' that stands for nothing")
            : name.Replace('\0', '=');
    }
}
