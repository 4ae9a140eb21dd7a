namespace Virt.Build.PowerShell;

/// <summary>The module Pester, which runs the tests in tests/pester.</summary>
/// <param name="Version">The version to import.</param>
/// <param name="ModulesFolder">The folder to add to PSModulePath; null when PowerShell finds it by itself.</param>
internal sealed record PesterModule(string Version, string? ModulesFolder)
{
    /// <summary>What is restored when the machine has none; it is known to pass.</summary>
    public const string Pinned = "6.2.0";

    private const string Query =
        "Get-Module -ListAvailable Pester | Where-Object Version -GE 5.5 | Sort-Object Version -Descending | Select-Object -First 1 | ForEach-Object { \"$($_.Version)\" }";

    /// <summary>Finds it: the version asked for from NuGet; else what PowerShell has, from 5.5 on; else <see cref="Pinned"/> from NuGet.</summary>
    /// <exception cref="BuildException">There is none; the message says what to do.</exception>
    public static async Task<PesterModule> FindAsync(Repository repository, Pwsh pwsh, string? wanted, CancellationToken cancel)
    {
        if (wanted is null)
        {
            CapturedOutput found = await ChildProcess.CaptureAsync(
                pwsh.Program, ["-NoProfile", "-NonInteractive", "-Command", Query], cancel, environment: pwsh.Folders).ConfigureAwait(false);
            if (found.ExitCode == 0 && found.Output.Trim() is { Length: > 0 } version)
                return new PesterModule(version, null);
        }

        return await RestoreAsync(repository, wanted ?? Pinned, cancel).ConfigureAwait(false);
    }

    private static async Task<PesterModule> RestoreAsync(Repository repository, string version, CancellationToken cancel)
    {
        string modules = Path.Combine(repository.Out, "modules");
        CapturedOutput restored = await ChildProcess.CaptureAsync(
            "dotnet",
            [
                "msbuild", Path.Combine(repository.Root, "tools", "Pester"), "-restore", "-target:LayOut", "-nologo", "-verbosity:quiet",
                $"-property:PesterVersion={version}", $"-property:ModulesFolder={modules}",
            ],
            cancel, repository.Root).ConfigureAwait(false);
        return restored.ExitCode == 0
            ? new PesterModule(version, modules)
            : throw new BuildException(
                $"Pester {version} cannot be had from NuGet:\n{restored.Output}{restored.Errors}\n"
                + "Install Pester 5.5 or later (Install-PSResource Pester), or make NuGet reachable. To go without PowerShell, add --without-pwsh.");
    }
}
