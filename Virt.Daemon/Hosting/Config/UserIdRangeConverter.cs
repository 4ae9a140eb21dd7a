using System.Text.Json;
using System.Text.Json.Serialization;

namespace Virt.Daemon.Hosting;

/// <summary>Reads <c>"none"</c>, or an object with <c>first</c> and <c>count</c>, each with its default.</summary>
internal sealed class UserIdRangeConverter : JsonConverter<UserIdRange>
{
    private const string None = "none";
    private const string First = "first";
    private const string Count = "count";

    /// <inheritdoc/>
    public override UserIdRange Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(None))
            return UserIdRange.None;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"expected \"{None}\", or an object with {First} and {Count}");
        UserIdRange range = UserIdRange.Default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = reader.GetString();
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt32(out uint number))
                throw new JsonException($"'{name}' is not a number of 32 bits");
            range = name switch
            {
                First => range with { First = number },
                Count when number > 0 => range with { Count = number },
                Count => throw new JsonException($"{Count} is 0; write \"{None}\" for no user ids"),
                _ => throw new JsonException($"there is no '{name}', only {First} and {Count}"),
            };
        }

        return range;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UserIdRange value, JsonSerializerOptions options)
    {
        if (value.Count == 0)
        {
            writer.WriteStringValue(None);
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber(First, value.First);
        writer.WriteNumber(Count, value.Count);
        writer.WriteEndObject();
    }
}
