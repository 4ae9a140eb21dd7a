namespace Virt.Domains;

/// <summary>
/// PowerShell's wildcards over names, without PowerShell: <c>*</c>, <c>?</c>, <c>[abc]</c>, <c>[a-z]</c>, and the backtick
/// that takes the next character as it is (about_Wildcards). Case is ignored, as PowerShell ignores it.
/// </summary>
public static class NamePattern
{
    private const int MaximumLength = 4096;

    /// <summary>Whether the text has an unescaped wildcard.</summary>
    public static bool HasWildcard(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '`')
                i++;
            else if (pattern[i] is '*' or '?' or '[')
                return true;
        }

        return false;
    }

    /// <summary>The text with every escaping backtick taken out: the name that a pattern without wildcards means.</summary>
    public static string Unescape(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (!pattern.Contains('`', StringComparison.Ordinal))
            return pattern;
        var text = new System.Text.StringBuilder(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '`' && i + 1 < pattern.Length)
                i++;
            text.Append(pattern[i]);
        }

        return text.ToString();
    }

    /// <summary>Whether the whole name matches the pattern. Time is bounded by the product of the lengths.</summary>
    public static bool IsMatch(string pattern, string name)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(name);
        if (pattern.Length > MaximumLength)
            return false;
        int p = 0, n = 0, starPattern = -1, starName = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starPattern = ++p;
                starName = n;
            }
            else if (p < pattern.Length && MatchOne(pattern, p, name[n], out int next))
            {
                p = next;
                n++;
            }
            else if (starPattern >= 0)
            {
                p = starPattern;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    private static bool MatchOne(string pattern, int at, char c, out int next)
    {
        next = at + 1;
        switch (pattern[at])
        {
            case '?':
                return true;
            case '`' when at + 1 < pattern.Length:
                next = at + 2;
                return Same(pattern[at + 1], c);
            case '[':
                return MatchSet(pattern, at, c, out next);
            default:
                return Same(pattern[at], c);
        }
    }

    private static bool MatchSet(string pattern, int at, char c, out int next)
    {
        int end = SetEnd(pattern, at);
        if (end < 0)
        {
            next = at + 1;
            return Same('[', c);
        }

        next = end + 1;
        for (int i = at + 1; i < end; i++)
        {
            char low = Take(pattern, ref i);
            if (i + 2 < end && pattern[i + 1] == '-')
            {
                i += 2;
                char high = Take(pattern, ref i);
                if (Upper(c) >= Upper(low) && Upper(c) <= Upper(high))
                    return true;
            }
            else if (Same(low, c))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The set's closing bracket, which is not the character right after the opening one; -1 when it is not closed.</summary>
    private static int SetEnd(string pattern, int at)
    {
        for (int i = at + 1; i < pattern.Length; i++)
        {
            if (pattern[i] == '`')
                i++;
            else if (pattern[i] == ']' && i > at + 1)
                return i;
        }

        return -1;
    }

    private static char Take(string pattern, ref int i) => pattern[i] == '`' ? pattern[++i] : pattern[i];

    private static bool Same(char a, char b) => a == b || Upper(a) == Upper(b);

    private static char Upper(char c) => char.ToUpperInvariant(c);
}
