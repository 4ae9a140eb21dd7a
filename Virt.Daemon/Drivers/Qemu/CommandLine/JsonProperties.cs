using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>Builds the JSON objects of -device, -blockdev, -netdev and -object; what is null is left to QEMU's default.</summary>
internal static class JsonProperties
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Starts a device.</summary>
    public static JsonObject Device(string driver, string? id) => new JsonObject { ["driver"] = driver }.With("id", id);

    /// <summary>Starts an object.</summary>
    public static JsonObject Object(string type, string id) => new() { ["qom-type"] = type, ["id"] = id };

    /// <summary>Adds a text unless it is null.</summary>
    public static JsonObject With(this JsonObject target, string key, string? value)
    {
        if (value is not null)
            target[key] = value;
        return target;
    }

    /// <summary>Adds a number unless it is null.</summary>
    public static JsonObject With(this JsonObject target, string key, long? value)
    {
        if (value is { } number)
            target[key] = number;
        return target;
    }

    /// <summary>Adds a boolean unless it is null.</summary>
    public static JsonObject With(this JsonObject target, string key, bool? value)
    {
        if (value is { } flag)
            target[key] = flag;
        return target;
    }

    /// <summary>Adds an object unless it is null.</summary>
    public static JsonObject WithObject(this JsonObject target, string key, JsonObject? value)
    {
        if (value is not null)
            target[key] = value;
        return target;
    }

    /// <summary>Adds a list unless it is null.</summary>
    public static JsonObject WithArray(this JsonObject target, string key, JsonArray? value)
    {
        if (value is not null)
            target[key] = value.DeepClone();
        return target;
    }

    /// <summary>The text QEMU is given: one line, non-ASCII letters as they are.</summary>
    public static string Format(JsonObject value) => value.ToJsonString(Plain);
}
