namespace Virt.Bench.Report;

/// <summary>The part of a document that a run writes, between two marks; what people wrote around it stays.</summary>
internal static class Document
{
    private const string Begin = "<!-- measured: begin; ./build.sh bench writes this part -->";
    private const string End = "<!-- measured: end -->";

    /// <summary>Puts the lines in place of those of the last run, or at the end of a document that has none.</summary>
    public static string Replace(string document, IEnumerable<string> lines)
    {
        string part = string.Join('\n', [Begin, string.Empty, .. lines, string.Empty, End]);
        int begin = document.IndexOf(Begin, StringComparison.Ordinal);
        int end = document.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? document[..begin] + part + document[(end + End.Length)..]
            : document.TrimEnd() + (document.Length > 0 ? "\n\n" : string.Empty) + part + "\n";
    }
}
