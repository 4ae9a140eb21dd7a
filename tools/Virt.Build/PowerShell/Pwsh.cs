using System.Globalization;
using System.Text.RegularExpressions;

namespace Virt.Build.PowerShell;

/// <summary>The PowerShell that runs the demo and the tests of the module.</summary>
/// <param name="Program">An executable file.</param>
/// <param name="Version">Its version, for instance <c>7.6.9</c>.</param>
/// <param name="Folders">The environment that says where it keeps its own files.</param>
internal sealed partial record Pwsh(string Program, Version Version, IReadOnlyDictionary<string, string> Folders)
{
    /// <summary>The environment variable that names the pwsh to use; build.ps1 sets it to the one that runs it.</summary>
    public const string Variable = "VIRT_PWSH";

    private const string Remedy =
        "Install PowerShell 7.6 or later (https://aka.ms/powershell) so that pwsh is on PATH, or make NuGet reachable for `dotnet tool restore`. "
        + "To go without PowerShell, add --without-pwsh to test or demo.";

    private static readonly Version Oldest = new(7, 6);
    private static readonly TimeSpan RestoreLimit = TimeSpan.FromMinutes(5);

    /// <summary>Finds it: the one that the environment names, else pwsh on PATH if it is recent enough, else the dotnet tool that
    /// .config/dotnet-tools.json pins, which is restored.</summary>
    /// <exception cref="BuildException">There is none; the message says what to do.</exception>
    public static async Task<Pwsh> FindAsync(Repository repository, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return await TryAsync(repository, named, cancel).ConfigureAwait(false)
                ?? throw new BuildException($"{Variable} names {named}, which is not PowerShell 7.6 or later. {Remedy}");
        }

        string? onPath = ExecutablePath.Find("pwsh");
        Pwsh? found = onPath is null ? null : await TryAsync(repository, onPath, cancel).ConfigureAwait(false);
        return found ?? await RestoreAsync(repository, cancel).ConfigureAwait(false);
    }

    /// <summary>Its environment, and what lets a process find it: its name in <see cref="Variable"/>, and its folder first on PATH.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentVariables => new Dictionary<string, string>(Folders)
    {
        [Variable] = Program,
        ["PATH"] = $"{Path.GetDirectoryName(Program)}:{Environment.GetEnvironmentVariable("PATH")}",
    };

    private static async Task<Pwsh?> TryAsync(Repository repository, string program, CancellationToken cancel)
    {
        IReadOnlyDictionary<string, string> folders = PwshFolders.Environment(repository);
        CapturedOutput said = await ChildProcess.CaptureAsync(program, ["--version"], cancel, environment: folders).ConfigureAwait(false);
        Match match = VersionLine().Match(said.Output);
        return match.Success && Version.Parse(match.Groups[1].Value) is var version && version >= Oldest ? new Pwsh(program, version, folders) : null;
    }

    // The tool's own command starts pwsh by way of two more processes, and none of them is an executable file.
    private static async Task<Pwsh> RestoreAsync(Repository repository, CancellationToken cancel)
    {
        Log.Step("PowerShell: dotnet tool restore");
        CapturedOutput restored = await ChildProcess.CaptureAsync(
            "dotnet", ["tool", "restore"], cancel, repository.Root, RestoreLimit).ConfigureAwait(false);
        CapturedOutput home = restored.ExitCode != 0 ? restored : await ChildProcess.CaptureAsync(
            "dotnet", ["tool", "run", "pwsh", "--", "-NoProfile", "-NonInteractive", "-Command", "$PSHOME"], cancel, repository.Root, RestoreLimit,
            PwshFolders.Environment(repository)).ConfigureAwait(false);
        string library = Path.Combine(home.Output.Trim(), "pwsh.dll");
        if (home.ExitCode != 0 || !File.Exists(library))
            throw new BuildException($"PowerShell 7.6 or later is not on PATH, and the dotnet tool cannot be had:\n{home.Errors}{home.Output}\n{Remedy}");
        string wrapper = await WriteWrapperAsync(repository, library, cancel).ConfigureAwait(false);
        return await TryAsync(repository, wrapper, cancel).ConfigureAwait(false)
            ?? throw new BuildException($"the dotnet tool powershell was restored, but {wrapper} does not run. {Remedy}");
    }

    private static async Task<string> WriteWrapperAsync(Repository repository, string library, CancellationToken cancel)
    {
        string file = Path.Combine(repository.Tools, "pwsh");
        Directory.CreateDirectory(repository.Tools);
        string text = string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\nexec dotnet '{library.Replace("'", "'\\''", StringComparison.Ordinal)}' \"$@\"\n");
        await File.WriteAllTextAsync(file, text, cancel).ConfigureAwait(false);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return file;
    }

    [GeneratedRegex(@"^PowerShell (\d+\.\d+\.\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionLine();
}
