using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>Finds the device that an element tells among those of a definition.</summary>
internal static class DeviceMatcher
{
    /// <summary>
    /// The device: by alias, else by the name of its kind, else by its place, else the one that says all that the element says. Null
    /// when there is none.
    /// </summary>
    /// <param name="devices">The element <c>devices</c>.</param>
    /// <param name="told">What tells the device.</param>
    /// <param name="live">Whether the devices have the aliases of a run; a definition has only those that begin with <c>ua-</c>.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when several could be meant.</exception>
    public static XElement? Find(XElement devices, XElement told, bool live)
    {
        XElement[] kind = [.. devices.Elements(told.Name)];
        string? alias = live ? DeviceElement.Alias(told) : DeviceElement.UserAlias(told);
        if (alias is not null)
            return kind.FirstOrDefault(device => DeviceElement.Alias(device) == alias);
        string? name = DeviceIdentity.Name(told);
        string? place = DeviceIdentity.Place(told);
        if (name is not null)
        {
            XElement[] named = [.. kind.Where(device => DeviceIdentity.Name(device) == name)];
            return named.Length > 1 && place is not null
                ? Only([.. named.Where(device => DeviceIdentity.Place(device) == place)], told)
                : Only(named, told);
        }

        if (place is not null && kind.FirstOrDefault(device => DeviceIdentity.Place(device) == place) is { } there)
            return there;
        return Only([.. kind.Where(device => Covers(device, told))], told);
    }

    /// <summary>Tells for each live device which device of the definition it is; null for those that are not in it.</summary>
    public static IReadOnlyList<XElement?> Pair(IReadOnlyList<XElement> live, IReadOnlyList<XElement> config)
    {
        var pairs = new XElement?[live.Count];
        var free = new HashSet<XElement>(config);
        foreach (Func<XElement, string?> key in (ReadOnlySpan<Func<XElement, string?>>)
            [Alias, DeviceIdentity.Name, UnnamedPlace, UnnamedContent, UnnamedKind])
        {
            ILookup<string?, XElement> byKey = free.ToLookup(key);
            for (int i = 0; i < live.Count; i++)
            {
                if (pairs[i] is null && key(live[i]) is { } wanted && byKey[wanted].FirstOrDefault(free.Contains) is { } match)
                {
                    pairs[i] = match;
                    free.Remove(match);
                }
            }
        }

        return pairs;
    }

    /// <summary>Whether an element says all that another says; names, attributes and text.</summary>
    public static bool Covers(XElement device, XElement told) =>
        device.Name == told.Name
        && told.Attributes().All(attribute => DeviceValue.IsUnit(attribute) || (string?)device.Attribute(attribute.Name) is { } value && DeviceValue.AreSame(attribute.Value, value))
        && DeviceValue.HaveSameText(device, told)
        && told.Elements().All(child => device.Elements(child.Name).Any(other => Covers(other, child)));

    private static string? Alias(XElement device) => DeviceElement.UserAlias(device) is { } alias ? $"{device.Name.LocalName} {alias}" : null;

    private static string? UnnamedPlace(XElement device) =>
        DeviceIdentity.Name(device) is null ? DeviceIdentity.Place(device) : null;

    private static string? UnnamedContent(XElement device) =>
        DeviceIdentity.Name(device) is null ? DeviceIdentity.Content(device) : null;

    // The last of a kind without names: what a run adds to its element, as the path of a pty, makes the content differ.
    private static string? UnnamedKind(XElement device) =>
        DeviceIdentity.Name(device) is null && DeviceIdentity.Place(device) is null
            && device.Name.LocalName is "input" or "console" or "audio" or "sound" or "watchdog" or "panic"
            ? $"{device.Name.LocalName} {(string?)device.Attribute("type")} {(string?)device.Attribute("model")} {(string?)device.Attribute("id")}"
            : null;

    private static XElement? Only(XElement[] matches, XElement told) => matches switch
    {
        [] => null,
        [var one] => one,
        _ => throw new VirtException(
            VirtErrorCode.OperationFailed, $"{matches.Length} devices are what <{told.Name.LocalName}> tells",
            recommendedAction: "Say which one: give its <alias>, its <address>, or all of its element as Get-VirtDevice shows it."),
    };
}
