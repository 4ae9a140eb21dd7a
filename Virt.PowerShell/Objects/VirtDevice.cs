using System.Globalization;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>A device of a domain as it was when it was asked for.</summary>
public class VirtDevice
{
    internal VirtDevice(VirtDomain domain, DeviceRecord record)
    {
        Domain = domain;
        Record = record;
        Element = XElement.Parse(record.Xml);
        Shown = VisibleXml.Of(Element, record.Xml);
    }

    /// <summary>The domain it is in.</summary>
    public VirtDomain Domain { get; }

    /// <summary>The domain's name.</summary>
    public string DomainName => Domain.Name;

    /// <summary>The domain's name, as other modules call it.</summary>
    public string VMName => Domain.Name;

    /// <summary>The host of the domain.</summary>
    public VirtHost VirtHost => Domain.VirtHost;

    /// <summary>The host's name.</summary>
    public string HostName => VirtHost.Name;

    /// <summary>The name of its element, as <c>rng</c>.</summary>
    public string Type => VisibleText.Line(Record.Kind);

    /// <summary>Its model, or what else tells devices of its type apart; null where nothing does.</summary>
    public string? Model => (string?)Shown.Attribute("model") ?? Attribute("model", "type") ?? (string?)Shown.Attribute("type");

    /// <summary>Its id in the running guest; null while it is off and none was given.</summary>
    public string? Alias => VisibleText.Line(Record.Alias) ?? Attribute("alias", "name");

    /// <summary>Its address, as <c>pci 0000:01:00.0</c>; null when it has none.</summary>
    public string? Address => DeviceAddress.InWords(Shown.Element("address"));

    /// <summary>Where it is: Live for a device that is gone at the next start, Config for one that comes then, or of a domain that is
    /// off, Both for the rest.</summary>
    public ChangeScope Presence => Record.Presence;

    /// <summary>Its place in the boot order, from 1; null when it has none.</summary>
    public int? BootOrder => Number(Attribute("boot", "order"));

    /// <summary>Its element.</summary>
    public string Xml => VisibleText.Xml(Record.Xml);

    internal DeviceRecord Record { get; }

    /// <summary>The element as it is, for changes.</summary>
    internal XElement Element { get; }

    /// <summary>The element with visible text, for people.</summary>
    internal XElement Shown { get; }

    /// <summary>What a user finds it by: a disk's target, a card's address, else the alias.</summary>
    internal virtual string? Key => Alias;

    /// <summary>Type and key.</summary>
    public override string ToString() => Key is { } key ? $"{Type} {key}" : Type;

    internal string? Attribute(string element, string attribute) => (string?)Shown.Element(element)?.Attribute(attribute);

    internal static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    internal long? Bytes(string section, string element) =>
        long.TryParse(Element.Element(section)?.Element(element)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number > 0 ? number : null;
}
