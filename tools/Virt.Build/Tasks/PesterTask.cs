using System.Text.RegularExpressions;
using Virt.Build.PowerShell;

namespace Virt.Build.Tasks;

/// <summary>Runs the Pester tests of the packaged module in pwsh.</summary>
internal static partial class PesterTask
{
    public const string Suite = "pester";

    /// <summary>Runs them.</summary>
    /// <param name="repository">The repository; its module is packaged.</param>
    /// <param name="pwsh">Runs them.</param>
    /// <param name="pester">The module Pester.</param>
    /// <param name="only">A part of the names of the tests that are to run; null for all.</param>
    /// <param name="environment">What the tests find in their environment.</param>
    /// <param name="cancel">Stops them.</param>
    /// <returns>Whether all passed.</returns>
    public static async Task<bool> RunAsync(
        Repository repository, Pwsh pwsh, PesterModule pester, string? only, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        Log.Step($"PowerShell {pwsh.Version}, Pester {pester.Version}");
        Dictionary<string, string> all = new(environment);
        foreach ((string name, string value) in pwsh.EnvironmentVariables)
            all[name] = value;
        if (pester.ModulesFolder is { } folder)
            all[PwshFolders.ModulePath] = $"{folder}:{all[PwshFolders.ModulePath]}";
        List<string> arguments =
        [
            "-NoProfile", "-NonInteractive", "-File", Path.Combine(repository.Root, "tools", "Invoke-PesterSuite.ps1"), repository.PesterTests,
            "-PesterVersion", pester.Version, "-ResultFile", SuiteTask.ResultFile(repository, Suite),
        ];
        if (only is not null)
            arguments.AddRange(["-Only", only]);
        return await SuiteTask.RunAsync(repository, Suite, pwsh.Program, arguments, all, cancel).ConfigureAwait(false);
    }

    /// <summary>Records them as skipped, so that the total does not hide that they did not run.</summary>
    public static async Task SkipAsync(Repository repository, CancellationToken cancel)
    {
        int count = 0;
        foreach (string file in Directory.EnumerateFiles(repository.PesterTests, "*.Tests.ps1", SearchOption.AllDirectories))
            count += ItLine().Count(await File.ReadAllTextAsync(file, cancel).ConfigureAwait(false));
        Log.Warning($"--without-pwsh: the {count} tests in tests/pester, which need PowerShell, are skipped.");
        await SuiteTask.SkipAsync(repository, Suite, count, cancel).ConfigureAwait(false);
    }

    /// <summary>Whether a text stands in one of the test files.</summary>
    public static bool Has(Repository repository, string text) =>
        Directory.EnumerateFiles(repository.PesterTests, "*.Tests.ps1", SearchOption.AllDirectories)
            .Any(file => File.ReadAllText(file).Contains(text, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"^\s*It\s", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ItLine();
}
