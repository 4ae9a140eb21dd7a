using Virt.Terminals;

namespace Virt.Daemon.Hosting.Check;

/// <summary>How a finding is judged.</summary>
internal enum CheckStatus
{
    Pass,
    Warn,
    Fail,
}

/// <summary>One finding about the host.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">The judgement.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Advice">What to do about it; null when it is fine.</param>
internal sealed record CheckItem(string Name, CheckStatus Status, string Finding, string? Advice = null)
{
    private static readonly string Indent = new(' ', 22);

    public static CheckItem Pass(string name, string finding) => new(name, CheckStatus.Pass, finding);

    public static CheckItem Warn(string name, string finding, string advice) => new(name, CheckStatus.Warn, finding, advice);

    public static CheckItem Fail(string name, string finding, string advice) => new(name, CheckStatus.Fail, finding, advice);

    public void Print(TextWriter output)
    {
        output.WriteLine($"  {Status.ToString().ToUpperInvariant(),-4}  {VisibleText.Line(Name),-12}  {Indented(Finding)}");
        if (Advice is not null)
            output.WriteLine($"{Indent}{Indented(Advice)}");
    }

    // No line of a finding can pass for another finding.
    private static string Indented(string text) => VisibleText.Lines(text).Replace("\n", "\n" + Indent, StringComparison.Ordinal);
}
