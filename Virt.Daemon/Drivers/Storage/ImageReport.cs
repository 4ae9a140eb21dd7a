using System.Text.Json;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Reads what <c>qemu-img info --output=json --backing-chain</c> writes: a list of <c>ImageInfo</c>, the top one first
/// (QEMU's QAPI schema, block-core).</summary>
internal static class ImageReport
{
    /// <summary>Reads the report on an image. Much of it is what the image says of itself.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when it is no such report.</exception>
    public static ImageRecord Parse(string report, string path, int maximumDepth)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(report);
            return document.RootElement is { ValueKind: JsonValueKind.Array } layers && layers.GetArrayLength() > 0
                ? Read(layers, path, maximumDepth)
                : throw new JsonException("it is no list of images");
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"what qemu-img says of '{path}' cannot be read: {unreadable.Message}", path,
                innerException: unreadable);
        }
    }

    private static ImageRecord Read(JsonElement layers, string path, int maximumDepth)
    {
        JsonElement top = layers[0];
        return new ImageRecord(
            path, Text(top, "format") ?? "raw", top.GetProperty("virtual-size").GetInt64(), Number(top, "actual-size"),
            top.TryGetProperty("encrypted", out JsonElement encrypted) && encrypted.GetBoolean(), Backing(layers, maximumDepth));
    }

    // Each layer names the one below it; the format it says is absent when the image does not record it.
    private static List<ImageLayer> Backing(JsonElement layers, int maximumDepth)
    {
        var backing = new List<ImageLayer>();
        foreach (JsonElement layer in layers.EnumerateArray().Take(maximumDepth))
        {
            if ((Text(layer, "full-backing-filename") ?? Text(layer, "backing-filename")) is { } file)
                backing.Add(new ImageLayer(Plain(file), Text(layer, "backing-filename-format")));
        }

        return backing;
    }

    private static string Plain(string file) =>
        file.StartsWith("file:/", StringComparison.Ordinal) && !file.StartsWith("file://", StringComparison.Ordinal) ? file["file:".Length..] : file;

    private static string? Text(JsonElement layer, string name) =>
        layer.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static long Number(JsonElement layer, string name) =>
        layer.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;
}
