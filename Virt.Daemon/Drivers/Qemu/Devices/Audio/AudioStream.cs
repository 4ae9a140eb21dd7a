using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>input</c> or <c>output</c> of an audio element.</summary>
internal static class AudioStream
{
    /// <summary>What QEMU is told of it; null when there is nothing to say.</summary>
    public static JsonObject? Read(string type, XElement? element)
    {
        if (element is null)
            return null;
        JsonObject options = new JsonObject().With("mixing-engine", element.Flag("mixingEngine")).With("fixed-settings", element.Flag("fixedSettings"))
            .With("voices", Count(element, "voices")).With("buffer-length", Count(element, "bufferLength"));
        if (element.Element("settings") is { } settings && element.Flag("fixedSettings") == true)
        {
            options.With("frequency", Count(settings, "frequency")).With("channels", Count(settings, "channels"))
                .With("format", settings.Choice("format", "s8", "u8", "s16", "u16", "s32", "u32", "f32"));
        }

        switch (type)
        {
            case "alsa":
                options.With("dev", element.Text("dev"));
                break;
            case "oss":
                options.With("dev", element.Text("dev")).With("buffer-count", Count(element, "bufferCount")).With("try-poll", element.Flag("tryPoll"));
                break;
            case "coreaudio" or "sdl":
                options.With("buffer-count", Count(element, "bufferCount"));
                break;
            case "jack":
                options.With("server-name", element.Text("serverName")).With("client-name", element.Text("clientName"))
                    .With("connect-ports", element.Text("connectPorts")).With("exact-name", element.Flag("exactName"));
                break;
            case "pulseaudio":
                options.With("name", element.Text("name")).With("stream-name", element.Text("streamName")).With("latency", Count(element, "latency"));
                break;
        }

        return options.Count > 0 ? options : null;
    }

    private static long? Count(XElement element, string attribute) =>
        element.Number(attribute, 0, uint.MaxValue) is > 0 and var count ? count : null;
}
