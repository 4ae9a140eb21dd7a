using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The host's GPU for OpenGL: <c>gl rendernode</c>, or the first there is.</summary>
internal sealed class RenderNode
{
    private const string Folder = "/dev/dri";
    private readonly string? _given;

    /// <summary>Reads it.</summary>
    /// <param name="element">The element with the child <c>gl</c>.</param>
    /// <param name="context">The rest of the definition.</param>
    /// <param name="needed">Whether OpenGL is wanted.</param>
    public RenderNode(XElement element, GuestContext context, bool needed)
    {
        IsNeeded = needed;
        _given = element.Element("gl")?.AbsolutePath("rendernode");
        if (needed && Path is null)
            context.FailStart(element, $"the host has no GPU in {Folder} for OpenGL", "Remove it, or add a GPU to the host.");
    }

    /// <summary>Whether OpenGL is wanted.</summary>
    public bool IsNeeded { get; }

    /// <summary>The device; null when the host has none.</summary>
    public string? Path => _given ?? (Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, "renderD*").Order(StringComparer.Ordinal).FirstOrDefault()
        : null);
}
