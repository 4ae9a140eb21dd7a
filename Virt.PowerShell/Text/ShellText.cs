using System.Text;
using Virt.Domains;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>A command as a POSIX shell takes it.</summary>
internal static class ShellText
{
    /// <summary>The command, an option with its value to a line, each line but the last continued.</summary>
    public static IReadOnlyList<string> Lines(LaunchCommand command)
    {
        var lines = new List<string>();
        // Of a name that a shell cannot set it would make a command.
        lines.AddRange(command.Environment.Where(one => IsName(one.Key)).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={Quote(one.Value)}"));
        lines.Add(Quote(command.Executable));
        var line = new StringBuilder();
        foreach (string argument in command.Arguments)
        {
            bool option = argument.Length > 1 && argument[0] == '-';
            if (option && line.Length > 0)
                lines.Add(Take(line));
            line.Append(line.Length == 0 ? "  " : " ").Append(Quote(argument));
        }

        if (line.Length > 0)
            lines.Add(Take(line));
        for (int index = 0; index < lines.Count - 1; index++)
            lines[index] += " \\";
        return lines;
    }

    /// <summary>One word.</summary>
    public static string Quote(string word) => word.Length > 0 && word.All(IsPlain)
        ? word
        : $"'{string.Concat(word.EnumerateRunes().Select(Quoted))}'";

    // A terminal or an editor gets nothing but visible text; what is none, the shell makes anew.
    private static string Quoted(Rune rune)
    {
        string text = rune.ToString();
        if (rune.Value == '\'')
            return "'\\''";
        return ReferenceEquals(VisibleText.Lines(text), text)
            ? text
            : $"'\"$(printf '{string.Concat(Encoding.UTF8.GetBytes(text).Select(one => "\\" + Convert.ToString(one, 8).PadLeft(3, '0')))}')\"'";
    }

    private static string Take(StringBuilder line)
    {
        string text = line.ToString();
        line.Clear();
        return text;
    }

    private static bool IsName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or ',' or '=' or '+' or '@' or '%';
}
