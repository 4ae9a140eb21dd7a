using System.Text;

namespace Virt.Help;

/// <summary>Makes the text that Get-Help shows for about topics: headings in capitals, paragraphs indented and wrapped.</summary>
internal static class AboutText
{
    private const int Width = 80;
    private const string Indent = "    ";

    public static string FromMarkdown(string markdown)
    {
        var text = new StringBuilder();
        foreach (string block in markdown.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string trimmed = block.Trim('\n');
            if (trimmed.StartsWith("# ", StringComparison.Ordinal))
                text.Append("TOPIC\n").Append(Indent).Append(trimmed[2..]).Append("\n\n");
            else if (trimmed.StartsWith("## ", StringComparison.Ordinal))
                text.Append(trimmed[3..]).Append('\n');
            else if (trimmed.StartsWith("### ", StringComparison.Ordinal))
                text.Append(Indent).Append(trimmed[4..]).Append("\n\n");
            else if (trimmed.StartsWith(Indent, StringComparison.Ordinal))
                text.Append(string.Join('\n', trimmed.Split('\n').Select(line => Indent + line))).Append("\n\n");
            else if (trimmed.StartsWith("- [", StringComparison.Ordinal))
                text.Append(string.Join('\n', trimmed.Split('\n')
                    .Select(line => Indent + line[3..line.IndexOf(']', StringComparison.Ordinal)]))).Append("\n\n");
            else
                Wrap(text, trimmed);
        }

        return text.ToString().TrimEnd() + "\n";
    }

    private static void Wrap(StringBuilder text, string paragraph)
    {
        int column = 0;
        foreach (string word in paragraph.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (column == 0 || column + 1 + word.Length > Width)
            {
                text.Append(column == 0 ? "" : "\n").Append(Indent).Append(word);
                column = Indent.Length + word.Length;
            }
            else
            {
                text.Append(' ').Append(word);
                column += 1 + word.Length;
            }
        }

        text.Append("\n\n");
    }
}
