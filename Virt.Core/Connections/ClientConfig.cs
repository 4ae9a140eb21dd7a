using System.Text.Json;
using System.Text.Json.Serialization;
using Virt.Errors;

namespace Virt.Connections;

/// <summary>
/// The client's configuration: <c>client.json</c> in /etc/virt and in $XDG_CONFIG_HOME/virt, JSON with comments; the user's
/// file wins, aliases are joined.
/// </summary>
/// <param name="DefaultUri">The URI or alias to open when none is named.</param>
/// <param name="Aliases">Short names for URIs.</param>
public sealed record ClientConfig(
    [property: JsonPropertyName("defaultUri")] string? DefaultUri = null,
    [property: JsonPropertyName("aliases")] IReadOnlyDictionary<string, string>? Aliases = null)
{
    /// <summary>Nothing configured.</summary>
    public static ClientConfig Empty { get; } = new();

    /// <summary>Reads the machine's and the user's file; files that are not there count as empty.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>, naming file and line.</exception>
    public static ClientConfig Load() => Merge(
        Read("/etc/virt/client.json"),
        Read(Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "virt", "client.json")));

    /// <summary>Reads one file.</summary>
    public static ClientConfig Read(string path)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return Empty;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Fault(path, unreadable.Message);
        }

        try
        {
            ClientConfig config = JsonSerializer.Deserialize(text, ClientConfigJson.Default.ClientConfig) ?? Empty;
            return config.Aliases?.FirstOrDefault(alias => alias.Value is null).Key is { } alias
                ? throw Fault(path, $"the alias '{alias}' has no URI")
                : config;
        }
        catch (JsonException malformed)
        {
            throw Fault(path, malformed.Message);
        }
    }

    private static ClientConfig Merge(ClientConfig machine, ClientConfig user)
    {
        if (machine == Empty)
            return user;
        var aliases = new Dictionary<string, string>(machine.Aliases ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach ((string name, string uri) in user.Aliases ?? new Dictionary<string, string>())
            aliases[name] = uri;
        return new ClientConfig(user.DefaultUri ?? machine.DefaultUri, aliases);
    }

    private static VirtException Fault(string path, string message) => new(
        VirtErrorCode.ConfigurationError, $"the client configuration {path} cannot be used: {message}", path,
        "Correct the file; it holds { \"defaultUri\": \"...\", \"aliases\": { \"name\": \"uri\" } }.");
}

[JsonSourceGenerationOptions(
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClientConfig))]
internal sealed partial class ClientConfigJson : JsonSerializerContext;
