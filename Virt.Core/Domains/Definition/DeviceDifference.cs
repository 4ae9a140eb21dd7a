using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>
/// What an element says otherwise than the device as it is, split into what a running guest can change and what is fixed until its
/// end. Of the fixed part, what the element leaves out stays as it is; of the changeable part, leaving out means none, but for what a
/// device cannot be without.
/// </summary>
internal static class DeviceDifference
{
    private const string Policy = "startupPolicy";

    private const string Backing = "backingStore";

    private static readonly string[] LiveInformation = ["alias", "mirror", "privateData"];

    // What the guest does by itself may have changed since the element was read.
    private static readonly string[] LiveFields = ["target tray", "target state", "target current"];

    /// <summary>What differs and is fixed while the guest runs, in the words of the format: <c>driver cache</c>, <c>address</c>.</summary>
    public static IReadOnlyList<string> Fixed(XElement device, XElement wanted) =>
        [.. Differences(device, wanted).Where(field => !IsChangeable(device, field)).Distinct()];

    /// <summary>What differs and can be changed, as names of children, or of attributes with an <c>@</c>.</summary>
    public static IReadOnlySet<string> Changeable(XElement device, XElement wanted)
    {
        HashSet<string> changed = [.. Differences(device, wanted).Where(field => IsChangeable(device, field)).Select(First)];
        foreach (string child in Children(device))
        {
            if (device.Element(child) is not null && wanted.Element(child) is null)
                changed.Add(child);
        }

        return changed;
    }

    /// <summary>The element of the device once the changeable part is as wanted.</summary>
    public static XElement Merge(XElement device, XElement wanted)
    {
        var merged = new XElement(device);
        if (IsRemovable(device) && Changeable(device, wanted).Contains("source"))
            Exchange(merged, wanted, Backing);
        foreach (string child in Children(device))
        {
            if (wanted.Element(child) is not { } from || merged.Element(child) is not { } old || !IsSame(old, from))
                Exchange(merged, wanted, child);
        }

        foreach (XElement part in wanted.Elements().Where(part =>
            Needed(device).Contains(part.Name.LocalName) && !merged.Elements(part.Name).Any(same => DeviceMatcher.Covers(same, part))))
            DeviceElementPart.Replace(merged, part);
        if (device.Name.LocalName == "disk" && !IsRemovable(device) && merged.Element("source") is { } source && wanted.Element("source")?.Attribute(Policy) is { } policy)
            source.SetAttributeValue(Policy, policy.Value);
        foreach (string name in Attributes(device).Where(name => wanted.Attribute(name) is not null))
            merged.SetAttributeValue(name, wanted.Attribute(name)!.Value);
        if (IsRemovable(device) && DeviceElement.Attribute(wanted, "driver", "type") is { } format)
            DeviceElementPart.GetOrAdd(merged, "driver").SetAttributeValue("type", format);
        if (device.Name.LocalName == "memory" && wanted.Element("target")?.Element("requested") is { } requested)
            DeviceElementPart.Replace(DeviceElementPart.GetOrAdd(merged, "target"), requested);
        return merged;
    }

    /// <summary>Whether the drive has media that can be changed.</summary>
    public static bool IsRemovable(XElement device) =>
        device.Name.LocalName == "disk" && (string?)device.Attribute("device") is "cdrom" or "floppy";

    private static string[] Children(XElement device) => device.Name.LocalName switch
    {
        "disk" when IsRemovable(device) => ["source", "iotune"],
        "disk" => ["iotune"],
        "interface" => ["link", "bandwidth", "filterref"],
        "memballoon" => ["stats"],
        _ => [],
    };

    /// <summary>Children that can be changed and not be left out.</summary>
    private static string[] Needed(XElement device) => device.Name.LocalName is "interface" ? ["source"] : [];

    private static string[] Attributes(XElement device) => device.Name.LocalName switch
    {
        "disk" when IsRemovable(device) => ["type"],
        "graphics" => ["passwd", "passwdValidTo", "connected"],
        _ => [],
    };

    // The images below a medium come and go with it.
    private static bool IsLiveInformation(XElement device, XElement child) =>
        LiveInformation.Contains(child.Name.LocalName) || (IsRemovable(device) && child.Name.LocalName == Backing);

    private static bool IsChangeable(XElement device, string field) =>
        Children(device).Contains(First(field))
        || Needed(device).Contains(First(field))
        || (field.StartsWith('@') && Attributes(device).Contains(field[1..]))
        || (IsRemovable(device) && field == "driver type")
        || (device.Name.LocalName == "disk" && field == "source " + Policy)
        || (device.Name.LocalName == "memory" && field == "target requested");

    private static string First(string field) => field.Split(' ')[0];

    private static IEnumerable<string> Differences(XElement device, XElement wanted)
    {
        foreach (XAttribute attribute in wanted.Attributes())
        {
            if ((string?)device.Attribute(attribute.Name) is not { } value || !DeviceValue.AreSame(attribute.Value, value))
                yield return "@" + attribute.Name.LocalName;
        }

        foreach (XElement child in wanted.Elements().Where(child => !IsLiveInformation(device, child)))
        {
            string name = child.Name.LocalName;
            XElement? same = device.Elements(child.Name).FirstOrDefault(other => DeviceMatcher.Covers(other, child));
            if (same is not null)
            {
                if (Children(device).Contains(name) && !IsSame(same, child))
                    yield return name;
                continue;
            }

            foreach (string part in Parts(device.Element(child.Name) ?? new XElement(child.Name), child))
            {
                string field = part.Length == 0 ? name : $"{name} {part}";
                if (!LiveFields.Contains(field))
                    yield return field;
            }
        }
    }

    private static IEnumerable<string> Parts(XElement device, XElement wanted)
    {
        bool any = false;
        foreach (XAttribute attribute in wanted.Attributes())
        {
            if (DeviceValue.IsUnit(attribute) || ((string?)device.Attribute(attribute.Name) is { } value && DeviceValue.AreSame(attribute.Value, value)))
                continue;
            any = true;
            if (wanted.Name.LocalName == "driver" && attribute is { Name.LocalName: "name", Value: "qemu" })
                continue;
            yield return attribute.Name.LocalName;
        }

        foreach (XElement child in wanted.Elements().Where(child => !device.Elements(child.Name).Any(other => DeviceMatcher.Covers(other, child))))
        {
            any = true;
            yield return child.Name.LocalName;
        }

        if (!any)
            yield return "";
    }

    private static void Exchange(XElement merged, XElement wanted, string child)
    {
        merged.Element(child)?.Remove();
        if (wanted.Element(child) is { } from)
            merged.Add(new XElement(from));
    }

    private static bool IsSame(XElement one, XElement other)
    {
        (one, other) = (Plain(one), Plain(other));
        return DeviceMatcher.Covers(one, other) && DeviceMatcher.Covers(other, one);
    }

    // A run numbers the images that it opened.
    private static XElement Plain(XElement element)
    {
        var plain = new XElement(element);
        plain.DescendantsAndSelf().Attributes("index").Remove();
        return plain;
    }
}
