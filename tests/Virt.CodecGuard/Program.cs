using System.CommandLine;

namespace Virt.CodecGuard;

/// <summary>Ends with 1 when the codec has become slower, or allocates more.</summary>
internal static class Program
{
    private const int Worse = 1;

    private static Task<int> Main(string[] args)
    {
        var folder = new Option<DirectoryInfo>("--root") { Description = "the repository", DefaultValueFactory = _ => new DirectoryInfo(".") };
        var against = new Option<string?>("--against") { Description = "the commit to compare with; by default the one before" };
        var results = new Option<string?>("--results") { Description = "where results are written, in JUnit's format" };
        var root = new RootCommand("Compares the codec of the work tree with that of the commit before.") { folder, against, results };
        root.SetAction(async (parsed, cancel) =>
        {
            Guard guard = new(parsed.GetRequiredValue(folder).FullName, Console.Out);
            return await guard.RunAsync(parsed.GetValue(against), parsed.GetValue(results), cancel) ? 0 : Worse;
        });
        return root.Parse(args).InvokeAsync();
    }
}
