namespace Virt.Build;

/// <summary>What a program wrote, and how it ended.</summary>
/// <param name="ExitCode">Its exit code; null when it was ended at the end of its time, or could not be started.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record CapturedOutput(int? ExitCode, string Output, string Errors);
