using System.IO.Enumeration;
using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>
/// What a file of <c>qemu/firmware</c> tells of a firmware (QEMU's docs/interop/firmware.json): which image, for which machines,
/// with which features.
/// </summary>
/// <param name="File">The descriptor's path.</param>
/// <param name="Interfaces"><c>uefi</c>, <c>bios</c>.</param>
/// <param name="Device">How it is given to the guest: <c>flash</c>, <c>memory</c> or <c>kernel</c>.</param>
/// <param name="Image">The image's path.</param>
/// <param name="Format">The image's format.</param>
/// <param name="Mode">For flash: <c>split</c> (variables in a file of their own), <c>combined</c>, <c>stateless</c>.</param>
/// <param name="Template">For split flash: what the variables are made from.</param>
/// <param name="Targets">Architectures and patterns of machines.</param>
/// <param name="Features">As <c>secure-boot</c>, <c>requires-smm</c>.</param>
internal sealed record FirmwareDescriptor(
    string File, IReadOnlyList<string> Interfaces, string Device, string Image, string Format, string Mode, string? Template,
    IReadOnlyList<(string Architecture, IReadOnlyList<string> Machines)> Targets, IReadOnlySet<string> Features)
{
    /// <summary>Whether it is for a machine.</summary>
    public bool Fits(string architecture, string machine) => Targets.Any(target =>
        target.Architecture == architecture && target.Machines.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, machine, ignoreCase: false)));

    /// <summary>Reads a descriptor's JSON; null when it describes nothing that is understood.</summary>
    public static FirmwareDescriptor? Parse(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return Read(file, document.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static FirmwareDescriptor? Read(string file, JsonElement root)
    {
        JsonElement mapping = root.GetProperty("mapping");
        string device = mapping.GetProperty("device").GetString() ?? "";
        JsonElement image = device == "flash" ? mapping.GetProperty("executable") : mapping;
        string mode = mapping.TryGetProperty("mode", out JsonElement given) ? given.GetString() ?? "" : "split";
        string? template = device == "flash" && mode == "split"
            ? mapping.GetProperty("nvram-template").GetProperty("filename").GetString()
            : null;
        string? path = image.GetProperty("filename").GetString();
        if (path is null || !Path.IsPathRooted(path) || template is { } variables && !Path.IsPathRooted(variables))
            return null;
        return new FirmwareDescriptor(
            file, Texts(root.GetProperty("interface-types")), device, path,
            image.TryGetProperty("format", out JsonElement format) ? format.GetString() ?? "raw" : "raw", mode, template,
            [
                .. root.GetProperty("targets").EnumerateArray().Select(target =>
                    (target.GetProperty("architecture").GetString() ?? "", Texts(target.GetProperty("machines")))),
            ],
            Texts(root.GetProperty("features")).ToHashSet(StringComparer.Ordinal));
    }

    private static IReadOnlyList<string> Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString() ?? "")];
}
