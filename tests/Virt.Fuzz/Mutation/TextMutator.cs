using System.Text;

namespace Virt.Fuzz.Mutation;

/// <summary>Changes texts: puts what means something where a word, a number or nothing was.</summary>
internal sealed class TextMutator : IMutator
{
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random)
    {
        string text = Encoding.UTF8.GetString(input);
        (int begin, int end) = Token(text, random);
        string changed = random.Next(4) switch
        {
            0 => text.Insert(begin, Values.Pick(random)),
            1 => text.Remove(begin, end - begin),
            2 => text.Insert(end, text[begin..end]),
            _ => string.Concat(text.AsSpan(0, begin), Values.Pick(random), text.AsSpan(end)),
        };
        return Encoding.UTF8.GetBytes(changed);
    }

    private static (int Begin, int End) Token(string text, Random random)
    {
        if (text.Length == 0)
            return (0, 0);
        int begin = random.Next(text.Length), end = begin;
        while (begin > 0 && IsWord(text[begin - 1]))
            begin--;
        while (end < text.Length && IsWord(text[end]))
            end++;
        return (begin, Math.Max(end, begin));
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '-' or '_' or '.';
}
