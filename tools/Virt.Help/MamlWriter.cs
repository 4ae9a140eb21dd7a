using System.Xml.Linq;

namespace Virt.Help;

/// <summary>Writes MAML, the XML that Get-Help reads (see the schema of PowerShell's own help files).</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Cmd = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static XDocument Document(IEnumerable<XElement> commands) =>
        new(new XDeclaration("1.0", "utf-8", null), new XElement(Msh + "helpItems", new XAttribute("schema", "maml"), commands));

    public static XElement Command(CommandModel command, CommandPage page, string? online)
    {
        string[] name = command.Name.Split('-');
        Dictionary<string, PagePart> texts = page.Parameters.ToDictionary(part => part.Title.TrimStart('-'));
        return new XElement(
            Cmd + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Cmd),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Cmd + "details", new XElement(Cmd + "name", command.Name), new XElement(Cmd + "verb", name[0]),
                new XElement(Cmd + "noun", name[1]),
                Description(page.Synopsis)),
            Description(page.Description),
            new XElement(Cmd + "syntax", command.Sets.Select(set => SyntaxItem(command, set, texts))),
            new XElement(
                Cmd + "parameters", command.Parameters.Select(parameter => Parameter(parameter, parameter.Sets[0], texts))),
            new XElement(Cmd + "inputTypes", page.Inputs.Select(part => Typed("inputType", part))),
            new XElement(Cmd + "returnValues", page.Outputs.Select(part => Typed("returnValue", part))),
            page.Notes.Length == 0 ? null : new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page.Notes))),
            new XElement(Cmd + "examples", page.Examples.Select(Example)),
            new XElement(
                Cmd + "relatedLinks",
                // Get-Help -Online opens the first that has an address.
                online is null ? null : Link("Online Version:", online),
                page.Links.Select(link => Link(link, ""))));
    }

    private static XElement Link(string text, string address) =>
        new(Maml + "navigationLink", new XElement(Maml + "linkText", text), new XElement(Maml + "uri", address));

    private static XElement SyntaxItem(CommandModel command, string set, Dictionary<string, PagePart> texts) => new(
        Cmd + "syntaxItem",
        new XElement(Maml + "name", command.Name),
        command.Parameters.Select(parameter => (Parameter: parameter, Set: parameter.In(set)))
            .Where(entry => entry.Set is not null)
            .OrderBy(entry => entry.Set!.Position == "Named" ? 1 : 0).ThenBy(entry => entry.Set!.Position, StringComparer.Ordinal)
            .ThenByDescending(entry => entry.Set!.Required)
            .Select(entry => Parameter(entry.Parameter, entry.Set!, texts)));

    private static XElement Parameter(ParameterModel parameter, ParameterSet set, Dictionary<string, PagePart> texts)
    {
        string pipeline = (set.ByValue, set.ByPropertyName) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByValue)",
            (false, true) => "True (ByPropertyName)",
            _ => "False",
        };
        PagePart? described = texts.GetValueOrDefault(parameter.Name);
        string defaultValue = described is null ? "" : ParameterFacts.Read(described.Code).Default;
        return new XElement(
            Cmd + "parameter",
            new XAttribute("required", Text(set.Required)),
            new XAttribute("variableLength", "true"),
            new XAttribute("globbing", Text(parameter.Wildcards)),
            new XAttribute("pipelineInput", pipeline),
            new XAttribute("position", set.Position == "Named" ? "named" : set.Position),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            Description(described?.Text ?? ""),
            parameter.Accepted.Count == 0 ? null : new XElement(
                Cmd + "parameterValueGroup",
                parameter.Accepted.Select(value => new XElement(
                    Cmd + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"),
                    value))),
            parameter.IsSwitch ? null : new XElement(
                Cmd + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"),
                parameter.ShortType),
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.ShortType), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", defaultValue.Length == 0 ? "None" : defaultValue));
    }

    private static XElement Typed(string element, PagePart part) => new(
        Cmd + element, new XElement(Dev + "type", new XElement(Maml + "name", part.Title)), Description(part.Text));

    private static XElement Example(PagePart example) => new(
        Cmd + "example",
        new XElement(Maml + "title", $"---------- {example.Title} ----------"),
        new XElement(Dev + "code", example.Code),
        // The empty paragraph keeps the next example's title apart.
        new XElement(Dev + "remarks", Paragraphs(example.Text), new XElement(Maml + "para")));

    private static XElement Description(string text) => new(Maml + "description", Paragraphs(text));

    private static IEnumerable<XElement> Paragraphs(string markdown) =>
        markdown.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(paragraph => new XElement(
            Maml + "para", paragraph.Replace('\n', ' ').Replace("`", "", StringComparison.Ordinal).Trim()));

    private static string Text(bool value) => value ? "true" : "false";
}
