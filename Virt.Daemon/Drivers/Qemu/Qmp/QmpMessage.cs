using System.Text.Json;
using System.Text.Unicode;

namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>What a line from QEMU is.</summary>
internal enum QmpMessageKind
{
    Greeting,
    Return,
    Error,
    Event,
}

/// <summary>One line from QEMU, taken apart and checked (docs/interop/qmp-spec of QEMU).</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The id of the command it answers; null when it has none.</param>
/// <param name="Body">The greeting, the result, the error object or the event's data.</param>
/// <param name="EventName">The event's name, else null.</param>
internal sealed record QmpMessage(QmpMessageKind Kind, long? Id, JsonElement Body, string? EventName = null)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = QmpLimits.MaximumDepth };

    private static ReadOnlySpan<byte> EscapedHalf => @"\ud"u8;

    private static ReadOnlySpan<byte> EscapedUpperHalf => @"\uD"u8;

    /// <summary>Parses a line.</summary>
    /// <exception cref="JsonException">It is not JSON, or not a message.</exception>
    public static QmpMessage Parse(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, Options);
        JsonElement root;
        try
        {
            root = JsonElement.ParseValue(ref reader);
        }
        catch (InvalidOperationException invalid)
        {
            throw new JsonException(invalid.Message, invalid);
        }

        if (root.ValueKind != JsonValueKind.Object || reader.Read())
            throw new JsonException("the line is not one object");
        if (!Utf8.IsValid(line) || (line.IndexOf(EscapedHalf) >= 0 || line.IndexOf(EscapedUpperHalf) >= 0) && !QmpReply.IsUnicode(root))
            throw new JsonException("a text is not Unicode");
        if (root.TryGetProperty("event", out JsonElement name))
            return Event(root, name);
        if (root.TryGetProperty("return", out JsonElement result))
            return new(QmpMessageKind.Return, IdOf(root), result);
        if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object)
            return new(QmpMessageKind.Error, IdOf(root), error);
        if (root.TryGetProperty("QMP", out JsonElement greeting))
            return new(QmpMessageKind.Greeting, null, greeting);
        throw new JsonException("the object is neither greeting, reply nor event");
    }

    /// <summary>A text member of the body; empty when it is not there.</summary>
    public string Text(string member)
    {
        if (Body.ValueKind != JsonValueKind.Object || !Body.TryGetProperty(member, out JsonElement value) || value.ValueKind != JsonValueKind.String)
            return string.Empty;
        return value.GetString()!;
    }

    private static QmpMessage Event(JsonElement root, JsonElement name)
    {
        if (name.ValueKind != JsonValueKind.String)
            throw new JsonException("the event has no name");
        root.TryGetProperty("data", out JsonElement data);
        return new(QmpMessageKind.Event, null, data, name.GetString()!);
    }

    private static long? IdOf(JsonElement root) =>
        root.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long number) ? number : null;
}
