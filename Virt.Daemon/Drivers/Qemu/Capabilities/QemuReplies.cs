using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>Reads what a probed QEMU answers (QMP reference: query-machines, query-cpu-definitions, qom-list-types).</summary>
internal static class QemuReplies
{
    private const string CpuSuffix = "-cpu";

    /// <summary>The machines, in QEMU's order.</summary>
    public static IReadOnlyList<QemuMachine> Machines(JsonElement reply) =>
    [
        .. reply.EnumerateArray().Select(machine => new QemuMachine(
            machine.GetProperty("name").GetString()!, Text(machine, "alias"), machine.GetProperty("cpu-max").GetInt32(),
            Flag(machine, "is-default"), Flag(machine, "deprecated"), CpuName(Text(machine, "default-cpu-type")), Text(machine, "default-ram-id"))),
    ];

    /// <summary>The CPU models, by name.</summary>
    public static IReadOnlyList<QemuCpuModel> CpuModels(JsonElement reply) =>
    [
        .. reply.EnumerateArray().Select(model => new QemuCpuModel(
            model.GetProperty("name").GetString()!, Flag(model, "deprecated"), Texts(model, "unavailable-features")))
            .OrderBy(model => model.Name, StringComparer.Ordinal),
    ];

    /// <summary>The names of types.</summary>
    public static IReadOnlySet<string> Types(JsonElement reply) =>
        reply.EnumerateArray().Select(type => type.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal);

    /// <summary>The CPU features: the boolean properties of the model that has all of them.</summary>
    public static IReadOnlySet<string> Features(JsonElement? reply) => reply is not { } properties
        ? new HashSet<string>()
        : properties
        .EnumerateArray().Where(property => Text(property, "type") == "bool")
        .Select(property => property.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal);

    private static string? CpuName(string? type)
    {
        if (type is null || !type.EndsWith(CpuSuffix, StringComparison.Ordinal))
            return type;
        string rest = type[..^CpuSuffix.Length];
        return rest.LastIndexOf('-') is > 0 and var dash ? rest[..dash] : rest;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private static IReadOnlyList<string>? Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => item.GetString()!).Distinct()]
            : null;
}
