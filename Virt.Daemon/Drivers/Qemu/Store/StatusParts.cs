using System.Text.Json;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>What is understood of a status file that cannot be used as it is: one of a later version, or one that was tampered with.</summary>
/// <param name="Uuid">Whose it is; null when not even that is known.</param>
/// <param name="Id">The runtime id.</param>
/// <param name="Phase">How far the run had come.</param>
/// <param name="State">The state.</param>
/// <param name="Reason">Why.</param>
/// <param name="StartedAt">When the run began.</param>
/// <param name="Memory">The balloon's target, in bytes.</param>
/// <param name="AutoDestroy">Whether it ends with the connection that started it.</param>
/// <param name="Xml">The live definition, checked to be of this domain.</param>
internal sealed record StatusParts(
    Guid? Uuid, int? Id, RunPhase? Phase, DomainState? State, DomainStateReason? Reason, DateTimeOffset? StartedAt, long? Memory,
    bool AutoDestroy, string? Xml)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Reads what there is; null when it is no JSON object.</summary>
    public static StatusParts? TryRead(byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Options);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            Guid? uuid = Text(root, nameof(RunStatus.Uuid)) is { } text && Guid.TryParse(text, out Guid parsed) ? parsed : null;
            return new StatusParts(
                uuid, Number(root, nameof(RunStatus.Id)) is > 0 and <= int.MaxValue and { } id ? (int)id : null,
                Word<RunPhase>(root, nameof(RunStatus.Phase)), Word<DomainState>(root, nameof(RunStatus.State)),
                Word<DomainStateReason>(root, nameof(RunStatus.Reason)),
                Text(root, nameof(RunStatus.StartedAt)) is { } time && DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out DateTimeOffset started) ? started : null,
                Number(root, nameof(RunStatus.Memory)) is > 0 and { } memory ? memory : null,
                root.TryGetProperty(nameof(RunStatus.AutoDestroy), out JsonElement bound) && bound.ValueKind == JsonValueKind.True,
                Text(root, nameof(RunStatus.Xml)) is { } xml && IsOf(xml, uuid) ? xml : null);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsOf(string xml, Guid? uuid)
    {
        try
        {
            return StoredDefinition.FromXml(xml).Uuid == uuid;
        }
        catch (VirtException)
        {
            return false;
        }
    }

    private static string? Text(JsonElement from, string member) =>
        from.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement from, string member) =>
        from.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;

    private static T? Word<T>(JsonElement from, string member)
        where T : struct, Enum => Enum.TryParse(Text(from, member), out T word) && Enum.IsDefined(word) ? word : null;
}
