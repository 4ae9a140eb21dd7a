using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Virt.Terminals;

/// <summary>
/// The filter of all text that a terminal gets and that others may have chosen: hosts, guests, QEMU, certificates, file names.
/// What is not plainly visible becomes <c>\uXXXX</c>, as in the audit log, so that it can neither command the terminal, nor turn text
/// around, nor pass for another line. Text that is visible already is returned as it is, and nothing is allocated for it.
/// </summary>
public static class VisibleText
{
    /// <summary>
    /// Whether it shows by itself. Letters, marks and spaces of any language do; controls, separators of lines, format characters (those
    /// that turn text around or have no width), halves of surrogate pairs, and what Unicode leaves open do not.
    /// </summary>
    public static bool IsVisible(char c) => c is >= ' ' and <= '~' || (c > '\u009f' && IsVisible(CharUnicodeInfo.GetUnicodeCategory(c)));

    /// <summary>The text on one line: ends of lines and tabs are not visible either.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Line(string? text) => text is null || FirstHidden(text, manyLines: false) is var at && at < 0
        ? text
        : Escape(text, at, manyLines: false);

    /// <summary>The text on its lines: line feeds and tabs stay, and a carriage return before a line feed goes.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Lines(string? text) => text is null || FirstHidden(text, manyLines: true) is var at && at < 0
        ? text
        : Escape(text, at, manyLines: true);

    /// <summary>Each text on one line.</summary>
    public static IReadOnlyList<string> Each(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        for (int i = 0; i < texts.Count; i++)
        {
            if (FirstHidden(texts[i], manyLines: false) < 0)
                continue;
            string[] visible = new string[texts.Count];
            for (int k = 0; k < visible.Length; k++)
                visible[k] = Line(texts[k]);
            return visible;
        }

        return texts;
    }

    /// <summary>
    /// A document that means the same: what is not visible is written as character references, and all ends of lines as line feeds, as
    /// each parser reads them. Nothing else than a reference can be put into comments and processing instructions, where it says
    /// itself.
    /// </summary>
    [return: NotNullIfNotNull(nameof(xml))]
    public static string? Xml(string? xml)
    {
        if (xml is null || FirstHidden(xml, manyLines: true) < 0)
            return xml;
        var text = new StringBuilder(xml.Length + 64);
        bool isData = false;
        for (int i = 0; i < xml.Length; i++)
        {
            int length = Hidden(xml, i, manyLines: true);
            if (length == 0)
            {
                isData = isData ? !Begins(xml, i, "]]>") : Begins(xml, i, "<![CDATA[");
                text.Append(xml[i]);
                if (char.IsHighSurrogate(xml[i]))
                    text.Append(xml[++i]);
            }
            else if (xml[i] != '\r')
            {
                int code = length == 2 ? char.ConvertToUtf32(xml[i], xml[i + 1]) : xml[i];
                text.Append(isData ? "]]>" : "").Append(CultureInfo.InvariantCulture, $"&#x{code:X};").Append(isData ? "<![CDATA[" : "");
                i += length - 1;
            }
            else if (!Begins(xml, i, "\r\n"))
            {
                text.Append('\n');
            }
        }

        return text.ToString();
    }

    private static bool Begins(string text, int at, string with) => string.CompareOrdinal(text, at, with, 0, with.Length) == 0;

    private static string Escape(string text, int from, bool manyLines)
    {
        var visible = new StringBuilder(text.Length + 32);
        visible.Append(text, 0, from);
        for (int i = from; i < text.Length; i++)
        {
            if (Hidden(text, i, manyLines) is var length && length == 0)
            {
                visible.Append(text[i]);
                if (char.IsHighSurrogate(text[i]))
                    visible.Append(text[++i]);
                continue;
            }

            if (manyLines && Begins(text, i, "\r\n"))
                continue;
            for (int end = i + length; ; i++)
            {
                visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
                if (i + 1 == end)
                    break;
            }
        }

        return visible.ToString();
    }

    // Where the first character is that does not show; -1 for none.
    private static int FirstHidden(string text, bool manyLines)
    {
        // A plain loop: most texts are short, and what searches many characters at a time is compiled anew in each session.
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] is >= ' ' and <= '~')
                continue;
            if (Hidden(text, at, manyLines) > 0)
                return at;
            if (char.IsHighSurrogate(text[at]))
                at++;
        }

        return -1;
    }

    // How many characters from here on do not show: 0, 1, or 2 for a pair.
    private static int Hidden(string text, int at, bool manyLines)
    {
        char c = text[at];
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            return IsVisible(CharUnicodeInfo.GetUnicodeCategory(text, at)) ? 0 : 2;
        return IsVisible(c) || (manyLines && c is ('\n' or '\t')) ? 0 : 1;
    }

    private static bool IsVisible(UnicodeCategory category) => category is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
