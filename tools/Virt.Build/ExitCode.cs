namespace Virt.Build;

/// <summary>What the exit code says; the scripts around this program go by it.</summary>
internal static class ExitCode
{
    public const int Good = 0;

    /// <summary>The tests ran and not all passed.</summary>
    public const int TestsFailed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A step failed, so that what follows it cannot run.</summary>
    public const int StepFailed = 3;

    /// <summary>Interrupted, as shells report it.</summary>
    public const int Stopped = 130;
}
