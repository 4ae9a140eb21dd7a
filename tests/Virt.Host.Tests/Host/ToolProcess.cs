using System.Diagnostics;

namespace Virt.Tests.Host;

/// <summary>How a command ended and what it wrote.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error);

/// <summary>Runs a program of this machine to its end.</summary>
internal static class ToolProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Runs it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">A file that is its input; null for none.</param>
    public static async Task<Outcome> RunAsync(string program, IEnumerable<string> arguments, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await using FileStream file = File.OpenRead(input);
            await file.CopyToAsync(process.StandardInput.BaseStream);
        }

        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new Outcome(process.ExitCode, await output, await error);
    }

    /// <summary>Runs one that has to succeed, and returns what it wrote.</summary>
    public static async Task<string> RequireAsync(string program, params string[] arguments)
    {
        Outcome outcome = await RunAsync(program, arguments);
        return outcome.ExitCode == 0 ? outcome.Output : throw new InvalidOperationException($"{program} ended with {outcome.ExitCode}: {outcome.Error}");
    }
}
