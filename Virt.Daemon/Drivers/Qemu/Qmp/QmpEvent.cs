using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>An event of QEMU.</summary>
/// <param name="Name">Its name, as <c>SHUTDOWN</c>.</param>
/// <param name="Data">Its data; undefined when it has none.</param>
internal sealed record QmpEvent(string Name, JsonElement Data)
{
    /// <summary>A member of the data as text; null when it is not there.</summary>
    public string? Text(string member) => Member(member) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A member of the data as a truth value; null when it is not there.</summary>
    public bool? Flag(string member) =>
        Member(member) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    /// <summary>A member of the data as a number; null when it is not there.</summary>
    public long? Number(string member) =>
        Member(member) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) ? number : null;

    private JsonElement? Member(string member) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(member, out JsonElement value) ? value : null;
}
