namespace Virt.Daemon.Rpc.Tls;

/// <summary>
/// Patterns of distinguished names: * stands for any number of characters, ? for one. An escaped character of a name counts as
/// one character, so that no value can pass for the end of another (<c>CN=x\,O=Example</c> is not below <c>*,O=Example</c>).
/// </summary>
/// <param name="patterns">The patterns; null for every name.</param>
internal sealed class AllowedClients(IReadOnlyList<string>? patterns)
{
    private readonly string[][]? _patterns = patterns is null ? null : [.. patterns.Select(Split)];

    /// <summary>Whether a name fits a pattern.</summary>
    public bool Has(string name)
    {
        if (_patterns is null)
            return true;
        string[] characters = Split(name);
        return _patterns.Any(pattern => Fits(pattern, characters));
    }

    private static string[] Split(string text)
    {
        var characters = new List<string>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool escape = text[i] == '\\' && i + 1 < text.Length;
            characters.Add(escape ? text.Substring(i, 2) : text.Substring(i, 1));
            if (escape)
                i++;
        }

        return [.. characters];
    }

    /// <summary>Goes back to the last * only, so the time is bounded by the product of the lengths.</summary>
    private static bool Fits(string[] pattern, string[] name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == "*")
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && (pattern[p] == "?" || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == "*")
            p++;
        return p == pattern.Length;
    }
}
