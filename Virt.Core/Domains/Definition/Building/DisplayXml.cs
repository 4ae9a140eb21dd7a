using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Writes the <c>graphics</c> and <c>video</c> elements, and what a display needs around it.</summary>
internal static class DisplayXml
{
    public static IEnumerable<XElement> Build(DomainSpecification domain)
    {
        foreach (GraphicsSpecification graphics in domain.Graphics)
        {
            yield return Graphics(graphics);
            // What a SPICE viewer resizes and copies by.
            if (graphics.Type == "spice")
            {
                yield return new XElement(
                    "channel", new XAttribute("type", "spicevmc"),
                    new XElement("target", new XAttribute("type", "virtio"), new XAttribute("name", "com.redhat.spice.0")));
            }
        }

        // A pointer that is where the viewer's is.
        if (domain.Graphics.Count > 0)
            yield return new XElement("input", new XAttribute("type", "tablet"), new XAttribute("bus", "usb"));
        if (domain.Video is { } model)
            yield return Video(model);
        else if (domain.Graphics.Count > 0)
            yield return Video("vga");
    }

    public static XElement Graphics(GraphicsSpecification graphics) => new(
        "graphics",
        new XAttribute("type", graphics.Type),
        graphics.Port is { } port ? new XAttribute("port", port) : null,
        new XAttribute("autoport", graphics.Port is null ? "yes" : "no"),
        new XAttribute("listen", graphics.Listen),
        graphics.Password is null ? null : new XAttribute("passwd", graphics.Password));

    private static XElement Video(string model) => new("video", new XElement("model", new XAttribute("type", model)));
}
