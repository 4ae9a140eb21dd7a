using System.Xml.Linq;
using Virt.Help;

// Virt.Help FOLDER [ADDRESS]: writes FOLDER/en-US with the help of the module, or says what is not described and exits with 1. The
// page of a command is online at the address followed by its name; without one, nowhere.
if (args.Length is not (1 or 2))
{
    Console.Error.WriteLine("usage: Virt.Help FOLDER [ADDRESS]");
    return 2;
}

string source = Path.Combine(AppContext.BaseDirectory, "help");
var problems = new List<string>();
var commands = new List<XElement>();
IReadOnlyList<CommandModel> models = CommandModel.All();
foreach (CommandModel command in models)
{
    string file = Path.Combine(source, command.Name + ".md");
    if (!File.Exists(file))
    {
        problems.Add($"{command.Name}: there is no help/{command.Name}.md");
        continue;
    }

    CommandPage page = CommandPage.Read(File.ReadAllText(file));
    problems.AddRange(HelpCheck.Problems(command, page).Select(problem => $"{command.Name}: {problem}"));
    commands.Add(MamlWriter.Command(command, page, args is [_, { Length: > 0 } address] ? address + command.Name : null));
}

problems.AddRange(Directory.EnumerateFiles(source, "*.md").Select(file => Path.GetFileName(file)!)
    .Where(name => !name.StartsWith("about_", StringComparison.Ordinal) && models.All(command => command.Name + ".md" != name))
    .Select(name => $"help/{name} describes no command"));
foreach (string problem in problems.Order(StringComparer.Ordinal))
    Console.Error.WriteLine(problem);
if (problems.Count > 0)
    return 1;

string folder = Path.Combine(args[0], "en-US");
Directory.CreateDirectory(folder);
MamlWriter.Document(commands).Save(Path.Combine(folder, "Virt.PowerShell.dll-Help.xml"));
foreach (string about in Directory.EnumerateFiles(source, "about_*.help.md"))
    File.WriteAllText(
        Path.Combine(folder, Path.GetFileNameWithoutExtension(about) + ".txt"), AboutText.FromMarkdown(File.ReadAllText(about)));
Console.WriteLine($"help for {commands.Count} commands");
return 0;
