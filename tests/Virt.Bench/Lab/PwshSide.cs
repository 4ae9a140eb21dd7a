using System.Diagnostics;

namespace Virt.Bench.Lab;

/// <summary>Real PowerShell with the module.</summary>
internal static class PwshSide
{
    /// <summary>Whether there is one.</summary>
    public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, "pwsh")));

    /// <summary>Starts one that has the module loaded and is connected.</summary>
    public static async Task<JsonWorker> StartAsync(string module, string uri, CancellationToken cancel)
    {
        (JsonWorker worker, _) = await JsonWorker.StartAsync(
            "pwsh's half", "pwsh",
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
        var start = new ProcessStartInfo("pwsh", ["-NoProfile", "-NonInteractive", "-Command", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["VIRT_DEFAULT_URI"] = uri;
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
