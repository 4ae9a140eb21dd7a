using System.ComponentModel;
using System.Diagnostics;

namespace Virt.CodecGuard;

/// <summary>Runs git and dotnet to their end.</summary>
internal static class Tool
{
    /// <summary>Runs a program.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="take">Takes its standard output.</param>
    /// <param name="limit">How long it may run.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Its exit code and what it said on its standard error.</returns>
    /// <exception cref="NoBaselineException">It is not there, or took too long.</exception>
    public static async Task<(int Exit, string Errors)> RunAsync(
        string program, IEnumerable<string> arguments, Func<Stream, CancellationToken, Task> take, TimeSpan limit, CancellationToken cancel)
    {
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(limit);
        using Process process = Start(program, arguments);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(time.Token);
            await take(process.StandardOutput.BaseStream, time.Token);
            await process.WaitForExitAsync(time.Token);
            return (process.ExitCode, (await errors).Trim());
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NoBaselineException($"{program} was still running after {limit.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs a program and returns its standard output as text.</summary>
    public static async Task<(int Exit, string Output, string Errors)> ReadAsync(
        string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancel)
    {
        string output = string.Empty;
        (int exit, string errors) = await RunAsync(
            program, arguments,
            async (stream, token) =>
            {
                using var reader = new StreamReader(stream);
                output = await reader.ReadToEndAsync(token);
            },
            limit, cancel);
        return (exit, output.Trim(), errors);
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception absent)
        {
            throw new NoBaselineException($"{program} cannot be started: {absent.Message}");
        }
    }
}
