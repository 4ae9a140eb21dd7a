using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Virt.Build;

/// <summary>Runs a program, its output going where ours goes.</summary>
internal static class ChildProcess
{
    private const int Terminate = 15;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CaptureLimit = TimeSpan.FromMinutes(2);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code; null when it was still running at the end of its time and was therefore ended.</returns>
    /// <exception cref="BuildException">It could not be started.</exception>
    public static async Task<int?> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null, string? folder = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = folder ?? string.Empty };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using Process process = Start(start);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (limit is not null)
            ending.CancelAfter(limit.Value);
        try
        {
            await process.WaitForExitAsync(ending.Token).ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Runs a program that has to succeed.</summary>
    /// <exception cref="BuildException">It did not.</exception>
    public static async Task RequireAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancel, IReadOnlyDictionary<string, string>? environment = null)
    {
        int? exit = await RunAsync(program, arguments, cancel, environment).ConfigureAwait(false);
        if (exit != 0)
            throw new BuildException($"{Path.GetFileName(program)} failed with exit code {exit}; its output above says why.");
    }

    /// <summary>Runs a program and returns what it wrote to its standard output.</summary>
    public static async Task<string> ReadAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
        string output = await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
        await errors.ConfigureAwait(false);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        return output;
    }

    /// <summary>Runs a program and returns what it wrote and how it ended; that it cannot be started, or is not done in time, is told there too.</summary>
    public static async Task<CapturedOutput> CaptureAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancel, string? folder = null, TimeSpan? limit = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, WorkingDirectory = folder ?? string.Empty, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ending.CancelAfter(limit ?? CaptureLimit);
        Process process;
        try
        {
            process = Start(start);
        }
        catch (BuildException absent)
        {
            return new CapturedOutput(null, string.Empty, absent.Message);
        }

        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancel);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
            try
            {
                await process.WaitForExitAsync(ending.Token).ConfigureAwait(false);
                return new CapturedOutput(process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                await EndAsync(process).ConfigureAwait(false);
                cancel.ThrowIfCancellationRequested();
                return new CapturedOutput(
                    null, string.Empty, $"{Path.GetFileName(program)} was still running after {(limit ?? CaptureLimit).TotalMinutes} minutes and was ended.");
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception absent)
        {
            throw new BuildException($"{start.FileName} cannot be started: {absent.Message}");
        }
    }

    // Asked first, so that it can take its own guests and daemons with it.
    private static async Task EndAsync(Process process)
    {
        _ = Kill(process.Id, Terminate);
        using var grace = new CancellationTokenSource(Grace);
        try
        {
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
