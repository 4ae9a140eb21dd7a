using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Gives each device its alias; QEMU demands that they differ.</summary>
internal sealed class DeviceAliases
{
    private const string UserPrefix = "ua-";
    private const int MaximumLength = 64;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

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
        string alias = UserAlias(device) ?? proposed;
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
