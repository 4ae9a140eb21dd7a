namespace Virt.Remote.Transports.Processes;

/// <summary>The program behind a connection has ended.</summary>
/// <param name="program">Its name.</param>
/// <param name="exitCode">Its exit status; null when it has closed its output and runs on.</param>
/// <param name="errorText">The last it said on standard error.</param>
internal sealed class ProcessEndedException(string program, int? exitCode, string errorText)
    : IOException(Describe(program, exitCode, errorText))
{
    /// <summary>Its exit status; null when it has closed its output and runs on.</summary>
    public int? ExitCode => exitCode;

    /// <summary>The last it said on standard error.</summary>
    public string ErrorText => errorText;

    private static string Describe(string program, int? exitCode, string errorText)
    {
        string how = exitCode is { } code ? $"{program} has ended with exit status {code}" : $"{program} has closed its output";
        return errorText.Length == 0 ? how : $"{how}: {errorText.ReplaceLineEndings(" ")}";
    }
}
