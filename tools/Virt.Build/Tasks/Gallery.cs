using System.Text.Json;
using System.Text.Json.Serialization;

namespace Virt.Build.Tasks;

/// <summary>What packaging/gallery.json says of the module; empty where nothing is said.</summary>
internal sealed record Gallery
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The licence's page.</summary>
    public string LicenseUri { get; init; } = "";

    /// <summary>The project's page.</summary>
    public string ProjectUri { get; init; } = "";

    /// <summary>What is new in this version.</summary>
    public string ReleaseNotes { get; init; } = "";

    /// <summary>Where Update-Help looks.</summary>
    public string HelpInfoUri { get; init; } = "";

    /// <summary>What stands before a command's name in the address of its page.</summary>
    public string OnlineHelpUri { get; init; } = "";

    /// <summary>Reads a file.</summary>
    /// <exception cref="BuildException">It is no such file, or an address in it is none.</exception>
    public static Gallery Read(string file)
    {
        Gallery gallery;
        try
        {
            gallery = JsonSerializer.Deserialize<Gallery>(File.ReadAllText(file), Options) ?? new Gallery();
        }
        catch (JsonException malformed)
        {
            throw new BuildException($"{file} cannot be used: {malformed.Message}");
        }

        foreach (string address in (string[])[gallery.LicenseUri, gallery.ProjectUri, gallery.HelpInfoUri, gallery.OnlineHelpUri])
        {
            if (address.Length > 0 && !(Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "https" or "http"))
                throw new BuildException($"{file}: '{address}' is no address; write it whole, with https://.");
        }

        return gallery;
    }
}
