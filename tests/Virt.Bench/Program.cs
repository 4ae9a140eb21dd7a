using System.CommandLine;
using Virt.Bench.Report;
using Virt.Errors;

namespace Virt.Bench;

/// <summary>The same work on virtd, on libvirtd and on QEMU alone, side by side. Ends with 1 when a goal is missed.</summary>
internal static class Program
{
    private const int FewestDomains = 100;
    private const int Missed = 1;
    private const int Failed = 3;

    private static readonly Option<FileInfo> Daemon = new("--daemon") { Description = "the virtd", Required = true, Recursive = true };
    private static readonly Option<FileInfo> Emulator = new("--emulator")
    {
        Description = "the QEMU that runs without anybody", Recursive = true, DefaultValueFactory = _ => new FileInfo("/usr/bin/qemu-system-x86_64"),
    };

    private static Task<int> Main(string[] args)
    {
        var module = new Option<DirectoryInfo?>("--module") { Description = "the module's folder" };
        var ready = new Option<DirectoryInfo?>("--ready-module") { Description = "the folder of the module that is compiled ahead for this machine" };
        var document = new Option<FileInfo?>("--document") { Description = "the document to write the tables to" };
        var domains = new Option<int>("--domains") { Description = "how many domains both sides have", DefaultValueFactory = _ => 1000 };
        domains.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < FewestDomains)
                result.AddError($"--domains takes {FewestDomains} or more.");
        });
        var root = new RootCommand("Measures virtd, libvirtd and QEMU alone, side by side.") { Daemon, Emulator, module, ready, document, domains, GuardCommand() };
        root.SetAction((parsed, cancel) => GuardedAsync(async () =>
        {
            var options = new BenchOptions(
                parsed.GetRequiredValue(Daemon).FullName, parsed.GetValue(module)?.FullName, parsed.GetValue(ready)?.FullName,
                parsed.GetRequiredValue(Emulator).FullName, parsed.GetValue(domains));
            Outcome outcome = await Run.SideBySideAsync(options, Console.Out, cancel).ConfigureAwait(false);
            await TellAsync(outcome, parsed.GetValue(document)?.FullName, cancel).ConfigureAwait(false);
            return outcome.Missed == 0;
        }));
        return root.Parse(args).InvokeAsync();
    }

    private static Command GuardCommand()
    {
        var results = new Option<FileInfo?>("--results") { Description = "where results are written, in JUnit's format" };
        var guard = new Command("guard", "Fails when starts take many times as long as with QEMU alone.") { results };
        guard.SetAction((parsed, cancel) => GuardedAsync(() => StartGuard.RunAsync(
            parsed.GetRequiredValue(Daemon).FullName, parsed.GetRequiredValue(Emulator).FullName, parsed.GetValue(results)?.FullName, Console.Out, cancel)));
        return guard;
    }

    private static async Task TellAsync(Outcome outcome, string? document, CancellationToken cancel)
    {
        IReadOnlyList<string> lines = [.. outcome.Lines()];
        foreach (string line in lines)
            await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
        if (document is null)
            return;
        string text = File.Exists(document) ? await File.ReadAllTextAsync(document, cancel).ConfigureAwait(false) : string.Empty;
        await File.WriteAllTextAsync(document, Document.Replace(text, lines), cancel).ConfigureAwait(false);
    }

    private static async Task<int> GuardedAsync(Func<Task<bool>> work)
    {
        try
        {
            return await work().ConfigureAwait(false) ? 0 : Missed;
        }
        catch (Exception failed) when (failed is BenchException or VirtException)
        {
            await Console.Error.WriteLineAsync(failed.Message).ConfigureAwait(false);
            return Failed;
        }
    }
}
