using System.Collections;
using System.Xml.Linq;

namespace Virt.PowerShell;

/// <summary>How a type of device is said in a hashtable.</summary>
/// <param name="Element">The device's element.</param>
/// <param name="Keys">What it can have.</param>
/// <param name="Defaults">What it has when nothing else is said: place and value.</param>
internal sealed record DeviceTemplate(string Element, IReadOnlyList<DeviceKey> Keys, IReadOnlyList<(string Path, string Value)> Defaults)
{
    /// <summary>A new device.</summary>
    /// <exception cref="FormatException">What the table has and the device cannot have, or how a value must be.</exception>
    public XElement Build(IDictionary properties)
    {
        XElement device = Apply(new XElement(Element), properties);
        foreach ((string path, string value) in Defaults)
        {
            if (!DeviceKey.Has(device, path))
                DeviceKey.Put(device, path, value);
        }

        return device;
    }

    /// <summary>The device with the properties set.</summary>
    /// <exception cref="FormatException">As <see cref="Build"/>.</exception>
    public XElement Apply(XElement device, IDictionary properties)
    {
        var table = new SpecTable(Element, properties);
        foreach (DeviceKey key in Keys)
            key.Write(table, device);
        table.End();
        return device;
    }
}
