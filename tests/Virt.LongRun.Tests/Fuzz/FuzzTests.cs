using System.Runtime.CompilerServices;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Targets;

namespace Virt.Tests.Daemon.Fuzz;

/// <summary>The short form of the fuzzer: the corpus and some mutations of it, the same each time. The long form is tests/Virt.Fuzz.</summary>
[Collection(nameof(FuzzTests))]
[CollectionDefinition(nameof(FuzzTests), DisableParallelization = true)]
public sealed class FuzzTests
{
    /// <summary>Inputs for each target; those that go through files or sockets have fewer.</summary>
    public static TheoryData<string, int> Targets => new()
    {
        { "frames", 6000 }, { "bodies", 6000 }, { "xml", 1500 }, { "uri", 20_000 }, { "scram", 4000 }, { "names", 2500 }, { "status", 1500 }, { "image", 4000 }, { "qmp", 1000 },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Nothing_is_found(string name, int count)
    {
        await using FuzzTarget target = FuzzTargets.Make(name);
        // No other test runs meanwhile, so that what an input allocates is counted on whichever threads it works.
        var options = new FuzzOptions(count, Seed: 20) { Corpus = Corpus(), HangLimit = TimeSpan.FromMinutes(2), Alone = true };
        FuzzReport report = await new FuzzEngine(target, options).RunAsync();
        Assert.True(report.Findings.Count == 0, string.Join("\n\n", report.Findings.Select(Describe)));
        Assert.True(report.Outcomes > 5, "the target says the same of everything");
    }

    [Fact]
    public void Every_target_has_a_short_form() =>
        Assert.Equal(FuzzTargets.Names.Order(), Targets.Select(row => row.Data.Item1).Order());

    private static string Describe(Finding finding) => $"{finding.Signature}\n{Convert.ToBase64String(finding.Input)}\n{finding.Text}";

    private static string Corpus([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../fuzz-corpus"));
}
