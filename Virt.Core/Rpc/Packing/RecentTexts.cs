using System.Buffers.Binary;
using System.Text;

namespace Virt.Rpc.Packing;

/// <summary>
/// The short ASCII texts that a thread has read lately. Lists repeat a few of them - machine, architecture, type - in every record;
/// those are the same string then. Their number is fixed, so that no peer can make it grow.
/// </summary>
internal static class RecentTexts
{
    /// <summary>The longest text that is looked for, in bytes.</summary>
    public const int Longest = 16;

    private const int Slots = 64;

    [ThreadStatic]
    private static string?[]? _recent;

    /// <summary>The text that valid UTF-8 of at most <see cref="Longest"/> bytes stands for.</summary>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return string.Empty;
        ref string? slot = ref (_recent ??= new string?[Slots])[Hash(utf8)];
        if (slot is { } known && known.Length == utf8.Length && Ascii.Equals(utf8, known))
            return known;
        string text = Encoding.UTF8.GetString(utf8);
        // What is not ASCII would never be found again.
        if (text.Length == utf8.Length)
            slot = text;
        return text;
    }

    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        ulong mixed = (ulong)utf8.Length;
        if (utf8.Length >= sizeof(ulong))
        {
            mixed ^= BinaryPrimitives.ReadUInt64LittleEndian(utf8) ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]) * 31;
        }
        else
        {
            foreach (byte each in utf8)
                mixed = (mixed << 8) ^ (mixed >> 56) ^ each;
        }

        return (int)((mixed * 0x9E3779B97F4A7C15) >> 58);
    }
}
