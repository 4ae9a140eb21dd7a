using System.Text.Json;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>
/// Reads results of a monitor whose QEMU nobody vouches for: a guest may have taken it over. What is not of the expected shape is
/// not there, or the documented error.
/// </summary>
internal static class QmpReply
{
    /// <summary>A member of an object; null when it is not there, or this is no object.</summary>
    public static JsonElement? Find(this JsonElement from, string member) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(member, out JsonElement value) ? value : null;

    /// <summary>A text in an object; null when it is not there.</summary>
    public static string? FindText(this JsonElement from, string member) =>
        from.Find(member) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A whole number in an object; null when it is not there.</summary>
    public static long? FindNumber(this JsonElement from, string member) =>
        from.Find(member) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) ? number : null;

    /// <summary>The items of a list; none when this is no list.</summary>
    public static IEnumerable<JsonElement> ItemsOrNone(this JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : Enumerable.Empty<JsonElement>();

    /// <summary>The items of a list.</summary>
    /// <exception cref="VirtException">It is none.</exception>
    public static IEnumerable<JsonElement> Items(this JsonElement list, string command) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw Odd(command, "no list");

    /// <summary>A text in an object.</summary>
    /// <exception cref="VirtException">It is not there.</exception>
    public static string Text(this JsonElement from, string member, string command) =>
        from.FindText(member) ?? throw Odd(command, $"no text '{member}'");

    /// <summary>A number of 31 bits in an object.</summary>
    /// <exception cref="VirtException">It is not there.</exception>
    public static int Count(this JsonElement from, string member, string command) =>
        from.FindNumber(member) is >= 0 and <= int.MaxValue and var number ? (int)number : throw Odd(command, $"no number '{member}'");

    /// <summary>An object in an object.</summary>
    /// <exception cref="VirtException">It is not there.</exception>
    public static JsonElement Object(this JsonElement from, string member, string command) =>
        from.Find(member) is { ValueKind: JsonValueKind.Object } value ? value : throw Odd(command, $"no object '{member}'");

    /// <summary>Whether all texts are ones; JSON can write halves of characters.</summary>
    public static bool IsUnicode(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is not null,
                JsonValueKind.Array => value.EnumerateArray().All(IsUnicode),
                JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && IsUnicode(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static VirtException Odd(string command, string what) => new VirtException(
        VirtErrorCode.OperationFailed, $"QEMU answered '{command}' as its protocol does not: {what}",
        recommendedAction: "If this QEMU is not one of your own making, turn the guest off and look at its log: the guest may have broken out.");
}
