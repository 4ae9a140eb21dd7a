namespace Virt.Help;

/// <summary>What the YAML block below a parameter says about it.</summary>
internal sealed record ParameterFacts(
    string Type, string Default, bool Wildcards,
    IReadOnlyList<string> Aliases, IReadOnlyList<string> Accepted, IReadOnlyList<ParameterSet> Sets)
{
    public static ParameterFacts Read(string yaml)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var lists = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var sets = new List<Dictionary<string, string>>();
        string key = "";
        foreach (string line in yaml.Split('\n').Where(line => line.Length > 0))
        {
            string trimmed = line.TrimStart('-', ' ');
            int colon = trimmed.IndexOf(": ", StringComparison.Ordinal);
            if (key == "ParameterSets" && line[0] is '-' or ' ')
            {
                if (line[0] == '-')
                    sets.Add(new Dictionary<string, string>(StringComparer.Ordinal));
                sets[^1][trimmed[..colon]] = trimmed[(colon + 2)..];
            }
            else if (line[0] == '-')
            {
                lists[key].Add(trimmed);
            }
            else
            {
                key = colon < 0 ? trimmed.TrimEnd(':') : trimmed[..colon];
                values[key] = colon < 0 ? "" : trimmed[(colon + 2)..];
                lists[key] = [];
            }
        }

        return new ParameterFacts(
            values.GetValueOrDefault("Type", ""), values.GetValueOrDefault("DefaultValue", "").Trim('\''),
            values.GetValueOrDefault("SupportsWildcards") == "true",
            lists.GetValueOrDefault("Aliases") ?? [], lists.GetValueOrDefault("AcceptedValues") ?? [],
            [.. sets.Select(Set).OrderBy(set => set.Name, StringComparer.Ordinal)]);
    }

    private static ParameterSet Set(Dictionary<string, string> values) => new(
        values.GetValueOrDefault("Name", ""), values.GetValueOrDefault("Position", ""),
        values.GetValueOrDefault("IsRequired") == "true",
        values.GetValueOrDefault("ValueFromPipeline") == "true",
        values.GetValueOrDefault("ValueFromPipelineByPropertyName") == "true");
}
