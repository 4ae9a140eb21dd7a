using System.Text;

namespace Virt.PowerShell;

/// <summary>
/// Puts documents together that come line by line, as the output of a program does: a document is whole when its root is closed.
/// </summary>
internal sealed class XmlLines
{
    private readonly StringBuilder _lines = new();

    /// <summary>The documents that are whole with this text.</summary>
    public IEnumerable<string> Add(string text)
    {
        string bare = text.Trim();
        // The next document begins: what was not closed before never will be.
        if (_lines.Length > 0 && Begins(bare) && _lines.ToString().Contains("<domain", StringComparison.Ordinal))
            yield return Take();
        if (bare.Length == 0 && _lines.Length == 0)
            yield break;
        _lines.AppendLine(text);
        if (bare.EndsWith("</domain>", StringComparison.Ordinal))
            yield return Take();
    }

    /// <summary>What is left at the end, which is not whole.</summary>
    public IEnumerable<string> End()
    {
        if (_lines.Length > 0)
            yield return Take();
    }

    private static bool Begins(string text) => text.StartsWith("<?xml", StringComparison.Ordinal)
        || (text.StartsWith("<domain", StringComparison.Ordinal) && (text.Length == 7 || text[7] is ' ' or '>'));

    private string Take()
    {
        string whole = _lines.ToString();
        _lines.Clear();
        return whole.EndsWith(Environment.NewLine, StringComparison.Ordinal) ? whole[..^Environment.NewLine.Length] : whole;
    }
}
