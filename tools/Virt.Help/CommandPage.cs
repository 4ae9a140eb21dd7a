namespace Virt.Help;

/// <summary>A named part of a page: an example, a parameter, an input or output type.</summary>
internal sealed record PagePart(string Title, string Text, string Code);

/// <summary>A command's page in PlatyPS's markdown.</summary>
internal sealed record CommandPage(
    string Title, string Synopsis, string Description, IReadOnlyList<PagePart> Examples, IReadOnlyList<PagePart> Parameters,
    IReadOnlyList<PagePart> Inputs, IReadOnlyList<PagePart> Outputs, string Notes, IReadOnlyList<string> Links)
{
    public static CommandPage Read(string markdown)
    {
        Dictionary<string, string> sections = Split(Body(markdown), "## ")
            .ToDictionary(part => part.Title, part => part.Text, StringComparer.Ordinal);
        string Section(string name) => sections.GetValueOrDefault(name, "").Trim();
        return new CommandPage(
            FrontMatter(markdown, "title"), Section("SYNOPSIS"), Section("DESCRIPTION"), Parts(Section("EXAMPLES")),
            Parts(Section("PARAMETERS")),
            Parts(Section("INPUTS")), Parts(Section("OUTPUTS")), Section("NOTES"),
            [.. Section("RELATED LINKS").Split('\n').Where(line => line.StartsWith("- [", StringComparison.Ordinal))
                .Select(line => line[3..line.IndexOf(']', StringComparison.Ordinal)])]);
    }

    private static string FrontMatter(string markdown, string key) =>
        markdown.Split('\n').TakeWhile((line, index) => index == 0 || line != "---")
            .FirstOrDefault(line => line.StartsWith(key + ": ", StringComparison.Ordinal))?[(key.Length + 2)..].Trim() ?? "";

    private static string Body(string markdown)
    {
        int end = markdown.IndexOf("\n---\n", 3, StringComparison.Ordinal);
        return end < 0 ? markdown : markdown[(end + 5)..];
    }

    private static IReadOnlyList<PagePart> Parts(string section) =>
        [.. Split(section, "### ").Select(part => WithCode(part.Title, part.Text))];

    // Headings count only outside of code blocks.
    private static IEnumerable<(string Title, string Text)> Split(string text, string heading)
    {
        string? title = null;
        var lines = new List<string>();
        bool code = false;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                code = !code;
            if (!code && line.StartsWith(heading, StringComparison.Ordinal))
            {
                if (title is not null)
                    yield return (title, string.Join('\n', lines));
                title = line[heading.Length..].Trim();
                lines.Clear();
            }
            else
            {
                lines.Add(line);
            }
        }

        if (title is not null)
            yield return (title, string.Join('\n', lines));
    }

    private static PagePart WithCode(string title, string text)
    {
        string[] pieces = text.Split("```");
        string code = pieces.Length > 1 ? pieces[1][(pieces[1].IndexOf('\n', StringComparison.Ordinal) + 1)..].TrimEnd('\n') : "";
        return new PagePart(title, string.Join("\n", pieces.Where((_, index) => index % 2 == 0)).Trim(), code);
    }
}
