namespace Virt.Errors;

/// <summary>What is known of a call whose connection ended before its reply came.</summary>
public enum CallOutcome
{
    /// <summary>The daemon has not got it: nothing was done.</summary>
    NotSent,
    /// <summary>It changes nothing, so it can be made again.</summary>
    NoEffect,
    /// <summary>The daemon may have carried it out, or be at it.</summary>
    Unknown,
}
