using System.Diagnostics;

namespace Virt.Bench.Lab;

/// <summary>Real PowerShell with the module.</summary>
internal static class PwshSide
{
    private const string Variable = "VIRT_PWSH";

    // Its program: the one that the variable names, as the build's tasks do, else that of PATH.
    private static string Program =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "pwsh")).FirstOrDefault(File.Exists)
        ?? throw new BenchException(
            $"pwsh was not found: put PowerShell 7.6 on the PATH, or name its program in {Variable}. Without --module nothing is measured in PowerShell.");

    /// <summary>Starts one that has the module loaded and is connected.</summary>
    public static async Task<JsonWorker> StartAsync(string module, string uri, CancellationToken cancel)
    {
        (JsonWorker worker, _) = await JsonWorker.StartAsync(
            "pwsh's half", Program,
            [
                "-NoProfile", "-NonInteractive", "-File", Path.Combine(AppContext.BaseDirectory, "scripts", "pwsh_side.ps1"),
                "-Module", Path.Combine(module, "Virt.psd1"), "-Uri", uri,
            ],
            cancel).ConfigureAwait(false);
        return worker;
    }

    /// <summary>The milliseconds that a new pwsh takes for a command, from its start to its end.</summary>
    public static async Task<double> RunAsync(string command, string uri, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Program, ["-NoProfile", "-NonInteractive", "-Command", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["VIRT_DEFAULT_URI"] = uri;
        // What PowerShell tells its makers is part of no command, and nothing here leaves the machine.
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancel);
        string errors = await process.StandardError.ReadToEndAsync(cancel).ConfigureAwait(false);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        double spent = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await output.ConfigureAwait(false);
        return process.ExitCode == 0 && errors.Length == 0
            ? spent
            : throw new BenchException($"pwsh ended with exit code {process.ExitCode}: {errors.Trim()}");
    }
}
