using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>How SPICE compresses, streams, and which of its features it offers: the children of its element.</summary>
internal sealed class SpiceOptions
{
    private static readonly string[] Channels =
        ["main", "display", "inputs", "cursor", "playback", "record", "smartcard", "usbredir"];

    private readonly List<string> _plain = [];
    private readonly string? _image;
    private readonly string? _jpeg;
    private readonly string? _zlib;
    private readonly string? _streaming;
    private readonly string? _mouse;
    private readonly bool? _playback;
    private readonly bool? _copyPaste;
    private readonly bool? _fileTransfer;
    private readonly RenderNode _gl;

    public SpiceOptions(XElement element, GuestContext context)
    {
        ReadMode(element, "defaultMode", "default", context);
        foreach (XElement channel in element.Elements("channel"))
            ReadMode(channel, "mode", channel.Choice("name", Channels) ?? throw XmlFault.Invalid(channel, "the attribute name is missing"), context);
        _image = Required(element, "image", "compression", "auto_glz", "auto_lz", "quic", "glz", "lz", "off");
        _jpeg = Required(element, "jpeg", "compression", "auto", "never", "always");
        _zlib = Required(element, "zlib", "compression", "auto", "never", "always");
        _streaming = Required(element, "streaming", "mode", "filter", "all", "off");
        _mouse = Required(element, "mouse", "mode", "server", "client");
        _playback = Flag(element, "playback", "compression");
        _copyPaste = Flag(element, "clipboard", "copypaste");
        _fileTransfer = Flag(element, "filetransfer", "enable");
        _gl = new RenderNode(element, context, Flag(element, "gl", "enable") == true);
        if (_gl.IsNeeded && element.Parent!.Elements("graphics").Any(other => other.Text("type") == "egl-headless"))
            throw XmlFault.Unsupported(element.Element("gl")!, "QEMU draws with OpenGL for one display: not for this one and 'egl-headless'");
    }

    /// <summary>Writes them.</summary>
    public void AddTo(OptionString spice)
    {
        spice.With("agent-mouse", _mouse is null ? null : _mouse == "client");
        foreach (string channel in _plain)
            spice.With("plaintext-channel", channel);
        spice.With("image-compression", _image).With("jpeg-wan-compression", _jpeg).With("zlib-glz-wan-compression", _zlib)
            .With("playback-compression", _playback).With("streaming-video", _streaming)
            .With("disable-copy-paste", _copyPaste == false ? true : null).With("disable-agent-file-xfer", _fileTransfer == false ? true : null);
        if (_gl.IsNeeded)
            spice.With("gl", true).With("rendernode", _gl.Path);
    }

    private void ReadMode(XElement element, string attribute, string channel, GuestContext context)
    {
        string? mode = element.Choice(attribute, "any", "secure", "insecure");
        if (mode == "insecure")
            _plain.Add(channel);
        else if (mode == "secure")
            context.FailStart(element.Attribute(attribute)!, "SPICE with TLS is not supported by this version", "Use 'any' or 'insecure'.");
    }

    private static string? Required(XElement element, string child, string attribute, params ReadOnlySpan<string> allowed) =>
        element.Element(child) is { } found
            ? found.Choice(attribute, allowed) ?? throw XmlFault.Invalid(found, $"the attribute {attribute} is missing")
            : null;

    private static bool? Flag(XElement element, string child, string attribute) => element.Element(child) is { } found
        ? found.Flag(attribute) ?? throw XmlFault.Invalid(found, $"the attribute {attribute} is missing")
        : null;
}
