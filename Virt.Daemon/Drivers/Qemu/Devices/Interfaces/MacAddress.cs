using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A network card's address.</summary>
/// <param name="Bytes">Its six bytes.</param>
internal sealed record MacAddress(byte[] Bytes)
{
    /// <summary>QEMU's and KVM's prefix, with which addresses are made.</summary>
    private static readonly byte[] Prefix = [0x52, 0x54, 0x00];

    /// <summary>Reads the card's address, or makes one and writes it back.</summary>
    public static MacAddress ReadOrMake(XElement card)
    {
        if (card.Element("mac") is { } element)
            return Read(element);
        // Different is enough, and OpenSSL is not loaded for it.
        byte[] random = new byte[3];
        Random.Shared.NextBytes(random);
        var made = new MacAddress([.. Prefix, .. random]);
        card.AddFirst(new XElement("mac", new XAttribute("address", made.ToString())));
        return made;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(':', Bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    private static MacAddress Read(XElement element)
    {
        string text = element.Required("address");
        string[] parts = text.Split(':');
        var bytes = new byte[6];
        bool good = parts.Length == 6;
        for (int i = 0; good && i < 6; i++)
            good = parts[i].Length is 1 or 2
                && byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]);
        XAttribute at = element.Attribute("address")!;
        if (!good)
            throw XmlFault.Invalid(at, $"'{text}' is not a MAC address");
        return (bytes[0] & 1) == 0
            ? new MacAddress(bytes)
            : throw XmlFault.Invalid(at, $"'{text}' is a multicast address, a card needs a unicast one");
    }
}
