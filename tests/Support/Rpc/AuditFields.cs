using System.Text.RegularExpressions;

namespace Virt.Tests.Daemon.Rpc.Audit;

/// <summary>Reads a line as the documentation says.</summary>
internal static partial class AuditFields
{
    public static IReadOnlyList<KeyValuePair<string, string>> Of(string line)
    {
        MatchCollection fields = Field().Matches(line);
        Assert.Equal(line.Length, fields.Sum(field => field.Length));
        return [.. fields.Select(field => KeyValuePair.Create(field.Groups[1].Value, field.Groups[2].Value))];
    }

    public static string? Value(string line, string key) => Of(line).FirstOrDefault(field => field.Key == key).Value;

    [GeneratedRegex("""([a-z]+)=("(?:[^"\\]|\\.)*"|[^ "]*)(?: |$)""")]
    private static partial Regex Field();
}
