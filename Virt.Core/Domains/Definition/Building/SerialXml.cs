using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Writes the <c>serial</c> elements, and the <c>console</c> that is the first of them.</summary>
public static class SerialXml
{
    /// <summary>The elements; none for ports that are said to be none.</summary>
    public static IEnumerable<XElement> Build(IReadOnlyList<SerialSource> ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        SerialSource[] real = [.. ports.Where(port => port.Type != "none")];
        for (int index = 0; index < real.Length; index++)
            yield return Port("serial", real[index], new XElement("target", new XAttribute("port", index)));
        if (real.Length > 0)
        {
            yield return Port(
                "console", real[0], new XElement("target", new XAttribute("type", "serial"), new XAttribute("port", 0)));
        }
    }

    /// <summary>The element of one character device.</summary>
    public static XElement Port(string element, SerialSource serial, XElement? target)
    {
        ArgumentNullException.ThrowIfNull(serial);
        return new XElement(
            element, new XAttribute("type", serial.Type), Source(serial),
            serial.Type == "tcp" ? new XElement("protocol", new XAttribute("type", "raw")) : null, target);
    }

    private static XElement? Source(SerialSource serial)
    {
        if (serial.Path is null)
            return null;
        if (serial.Type != "tcp")
        {
            return new XElement(
                "source", serial.Type == "unix" ? new XAttribute("mode", "bind") : null, new XAttribute("path", serial.Path));
        }

        int colon = serial.Path.LastIndexOf(':');
        return new XElement(
            "source", new XAttribute("mode", "bind"), new XAttribute("host", serial.Path[..Math.Max(colon, 0)].Trim('[', ']')),
            new XAttribute("service", serial.Path[(colon + 1)..]));
    }
}
