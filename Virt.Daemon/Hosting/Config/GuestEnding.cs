using System.Text.Json.Serialization;

namespace Virt.Daemon.Hosting;

/// <summary>A way to end a guest when the host shuts down.</summary>
[JsonConverter(typeof(GuestEndingConverter))]
internal enum GuestEnding
{
    /// <summary>It is asked to shut down, as by its power button.</summary>
    Shutdown,

    /// <summary>Its memory is written to disk, and the next start goes on from there.</summary>
    Save,
}

/// <summary>Names it in the configuration as everything is named there.</summary>
internal sealed class GuestEndingConverter() : JsonStringEnumConverter<GuestEnding>(System.Text.Json.JsonNamingPolicy.CamelCase, allowIntegerValues: false);
