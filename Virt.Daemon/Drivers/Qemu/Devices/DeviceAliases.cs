using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Gives each device its alias; QEMU demands that they differ.</summary>
/// <param name="live">The devices of a running guest as its live XML has them: they keep their aliases. Null for a new run.</param>
internal sealed class DeviceAliases(IReadOnlyDictionary<XElement, XElement>? live = null)
{
    private const string UserPrefix = "ua-";
    private const int MaximumLength = 64;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = [.. live?.Values.Select(DeviceElement.Alias).OfType<string>() ?? []];

    /// <summary>The prefix with the next number, from 0.</summary>
    public string Next(string prefix)
    {
        int number = _counts.GetValueOrDefault(prefix);
        _counts[prefix] = number + 1;
        return $"{prefix}{number}";
    }

    /// <summary>The alias the definition gives (they begin with <c>ua-</c>), else the proposed one.</summary>
    public string Take(XElement device, string proposed)
    {
        string alias = Kept(device) ?? UserAlias(device) ?? Free(proposed);
        if (!_taken.Add(alias))
            throw XmlFault.Invalid(device.Element("alias") ?? device, $"two devices would have the alias '{alias}'");
        return alias;
    }

    /// <summary>The alias the definition's author gave, checked; null when there is none.</summary>
    public static string? UserAlias(XElement device)
    {
        if (device.Element("alias")?.Attribute("name") is not { } name
            || !name.Value.StartsWith(UserPrefix, StringComparison.Ordinal))
            return null;
        return name.Value.Length <= MaximumLength && name.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? name.Value
            : throw XmlFault.Invalid(
                name, $"'{name.Value}' is not an alias", "Use 'ua-' and ASCII letters, digits, '-' and '_'.");
    }

    // A console that is a serial port's shows the port's alias; its own it need not keep.
    private string? Kept(XElement device) =>
        live is not null && live.TryGetValue(device, out XElement? known) && DeviceElement.Alias(known) is { } alias && !_taken.Contains(alias)
            ? alias
            : null;

    // The number that a new device of a running guest would have may be another's since some were taken out.
    private string Free(string proposed)
    {
        if (!_kept.Contains(proposed))
            return proposed;
        string prefix = proposed.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        for (int number = 0; ; number++)
        {
            string alias = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{prefix}{number}");
            if (!_kept.Contains(alias) && !_taken.Contains(alias))
                return alias;
        }
    }

    /// <summary>Writes an alias as the export of a running guest has it.</summary>
    public static void Write(XElement device, string alias)
    {
        if (device.Element("alias") is { } found)
        {
            found.SetAttributeValue("name", alias);
            return;
        }

        var added = new XElement("alias", new XAttribute("name", alias));
        if (device.Element("address") is { } address)
            address.AddBeforeSelf(added);
        else
            device.Add(added);
    }
}
