namespace Virt.Build;

/// <summary>Ends the task with a message for the one who called it.</summary>
internal sealed class BuildException(string message, int exitCode = ExitCode.StepFailed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
