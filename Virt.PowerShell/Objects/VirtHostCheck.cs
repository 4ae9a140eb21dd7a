using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>How a check ended.</summary>
public enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Pass,
    /// <summary>Works, but less well than it could.</summary>
    Warn,
    /// <summary>Does not work.</summary>
    Fail,
}

/// <summary>What Test-VirtHost found out about one thing.</summary>
/// <param name="VirtHost">The host's name, or the URI that could not be opened.</param>
/// <param name="Check">What was checked.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Message">What was found.</param>
/// <param name="Recommendation">What to do about it; null when there is nothing to do.</param>
public sealed record VirtHostCheck(string VirtHost, string Check, CheckStatus Status, string Message, string? Recommendation)
{
    /// <summary>The host's name, or the URI that could not be opened.</summary>
    public string VirtHost { get; init; } = VisibleText.Line(VirtHost);

    /// <summary>What was found.</summary>
    public string Message { get; init; } = VisibleText.Lines(Message);

    /// <summary>What to do about it; null when there is nothing to do.</summary>
    public string? Recommendation { get; init; } = VisibleText.Lines(Recommendation);
}
