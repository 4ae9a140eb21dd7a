using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Virt.Fuzz.Mutation;

/// <summary>Changes one line of JSON and leaves it JSON: members get other types and values, go, or come from other places.</summary>
internal sealed class JsonMutator : IMutator
{
    private static readonly string[] Scalars =
        ["null", "true", "false", "0", "-1", "1e400", "1.5", "99999999999999999999", "9223372036854775807", "[]", "{}", "\"\"", "\"\\ud800\"", "[[]]", "\"x\""];

    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random)
    {
        string[] lines = Encoding.UTF8.GetString(input).Split('\n');
        int at = random.Next(lines.Length);
        try
        {
            if (JsonNode.Parse(lines[at]) is not { } root)
                return input;
            List<JsonNode> nodes = [];
            Collect(root, nodes);
            JsonNode chosen = nodes[random.Next(nodes.Count)];
            Change(chosen, nodes[random.Next(nodes.Count)], random);
            lines[at] = root.ToJsonString();
            return Encoding.UTF8.GetBytes(string.Join('\n', lines));
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException or ArgumentException)
        {
            return input;
        }
    }

    private static void Change(JsonNode node, JsonNode other, Random random)
    {
        switch (node)
        {
            case JsonObject members when members.Count > 0:
                string name = members.ElementAt(random.Next(members.Count)).Key;
                if (random.Next(4) == 0)
                    members.Remove(name);
                else
                    members[random.Next(5) == 0 ? Values.Pick(random) : name] = Value(other, random);
                break;
            case JsonArray items when items.Count > 0 && random.Next(3) > 0:
                items[random.Next(items.Count)] = Value(other, random);
                break;
            case JsonArray items:
                items.Add(Value(other, random));
                break;
            default:
                if (node.Parent is not null)
                    node.ReplaceWith(Value(other, random));
                break;
        }
    }

    private static JsonNode? Value(JsonNode other, Random random) => random.Next(3) switch
    {
        0 => other.DeepClone(),
        1 => JsonValue.Create(Values.Pick(random)),
        _ => JsonNode.Parse(Scalars[random.Next(Scalars.Length)]),
    };

    private static void Collect(JsonNode node, List<JsonNode> nodes)
    {
        nodes.Add(node);
        if (nodes.Count > 2000)
            return;
        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject members => members.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (JsonNode? child in children)
        {
            if (child is not null)
                Collect(child, nodes);
        }
    }
}
