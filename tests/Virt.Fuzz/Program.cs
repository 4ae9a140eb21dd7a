using System.CommandLine;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Load;
using Virt.Fuzz.Targets;

namespace Virt.Fuzz;

/// <summary>Runs by hand: <c>run</c> fuzzes, <c>repeat</c> tries one input again, <c>load</c> puts a real virtd under load.</summary>
internal static class Program
{
    private const int Found = 1;

    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Feeds Virt with what nobody should send it.") { Run(), Repeat(), Load() };
        return root.Parse(args).InvokeAsync();
    }

    private static Command Run()
    {
        var target = new Option<string[]>("--target") { Description = "what to try; all when not given", AllowMultipleArgumentsPerToken = true };
        var count = new Option<long>("--count") { Description = "inputs for each target", DefaultValueFactory = _ => 200_000 };
        var seconds = new Option<double?>("--seconds") { Description = "the longest time for each target" };
        var seed = new Option<int>("--seed") { Description = "where the random numbers begin", DefaultValueFactory = _ => 1 };
        var corpus = new Option<string>("--corpus") { Description = "the folder of the corpora", DefaultValueFactory = _ => "tests/fuzz-corpus" };
        var findings = new Option<string>("--findings") { Description = "where findings are written", DefaultValueFactory = _ => "out/fuzz" };
        var command = new Command("run", "try many inputs") { target, count, seconds, seed, corpus, findings };
        command.SetAction(async (parsed, _) =>
        {
            var options = new FuzzOptions(parsed.GetValue(count), parsed.GetValue(seed))
            {
                Time = parsed.GetValue(seconds) is { } time ? TimeSpan.FromSeconds(time) : null,
                Corpus = parsed.GetValue(corpus),
                Findings = parsed.GetValue(findings),
                Alone = true,
            };
            return await RunAsync(parsed.GetValue(target) is { Length: > 0 } names ? names : FuzzTargets.Names, options);
        });
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> targets, FuzzOptions options)
    {
        List<FuzzReport> reports = [];
        foreach (string name in targets)
        {
            FuzzTarget one = FuzzTargets.Make(name);
            reports.Add(await new FuzzEngine(one, options, Console.Out.WriteLine).RunAsync());
            Console.WriteLine(reports[^1]);
            // A thread that hangs cannot be ended; what follows would share the machine with it.
            if (reports[^1].Findings.Any(finding => finding.Signature == "hang"))
                break;
            await one.DisposeAsync();
        }

        Console.WriteLine($"{reports.Sum(report => report.Inputs)} inputs, {reports.Sum(report => report.Findings.Count)} findings");
        return reports.Any(report => report.Findings.Count > 0) ? Found : 0;
    }

    private static Command Load()
    {
        var daemon = new Option<string>("--daemon") { Description = "the virtd to start", DefaultValueFactory = _ => "out/virtd/virtd" };
        var clients = new Option<int>("--clients") { Description = "clients at once", DefaultValueFactory = _ => 1000 };
        var busy = new Option<int>("--busy") { Description = "of these, busy ones", DefaultValueFactory = _ => 200 };
        var hostile = new Option<int>("--hostile") { Description = "of these, hostile ones", DefaultValueFactory = _ => 100 };
        var seconds = new Option<double>("--seconds") { Description = "how long each phase lasts", DefaultValueFactory = _ => 60 };
        var command = new Command("load", "good and hostile clients on a real virtd") { daemon, clients, busy, hostile, seconds };
        command.SetAction(async (parsed, _) =>
        {
            var options = new LoadOptions(
                parsed.GetValue(clients), parsed.GetValue(busy), parsed.GetValue(hostile), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            LoadReport report = await new LoadRun(parsed.GetValue(daemon)!, options, Console.Out.WriteLine).RunAsync();
            Console.WriteLine(report);
            foreach (string broken in report.Broken(options))
                Console.WriteLine($"BROKEN: {broken}");
            return report.Broken(options).Count == 0 ? 0 : Found;
        });
        return command;
    }

    private static Command Repeat()
    {
        var target = new Argument<string>("target");
        var file = new Argument<FileInfo>("file");
        var command = new Command("repeat", "try one input again and show what comes of it") { target, file };
        command.SetAction(async (parsed, cancel) =>
        {
            await using FuzzTarget one = FuzzTargets.Make(parsed.GetRequiredValue(target));
            await one.PrepareAsync();
            byte[] input = await File.ReadAllBytesAsync(parsed.GetRequiredValue(file).FullName, cancel);
            Console.WriteLine(await one.RunAsync(input));
            return 0;
        });
        return command;
    }
}
