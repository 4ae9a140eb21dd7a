using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Chooses devices among those of a domain.</summary>
internal static class DeviceSelection
{
    /// <summary>
    /// Those whose key matches one of the patterns, all without patterns. A key without wildcards that none has is an error.
    /// </summary>
    public static IEnumerable<T> Choose<T>(
        this DeviceCommand command, VirtDomain domain, IEnumerable<T> devices, string[]? patterns, Func<T, string?> key, string what)
        where T : VirtDevice
    {
        T[] all = [.. devices];
        if (patterns is not { Length: > 0 })
            return all;
        var chosen = new List<T>();
        foreach (string pattern in patterns)
        {
            T[] matching = [.. all.Where(device => key(device) is { } value && NamePattern.IsMatch(pattern, value))];
            if (matching.Length == 0 && !NamePattern.HasWildcard(pattern))
                command.Fail(Missing(domain, what, pattern, all.Select(key).OfType<string>()), pattern);
            chosen.AddRange(matching);
        }

        return chosen.Distinct();
    }

    /// <summary>The devices as they are now that the user gave as objects; one that is gone is an error.</summary>
    public static IEnumerable<T> Current<T>(
        this DeviceCommand command, VirtDomain domain, IEnumerable<VirtDevice> given, IReadOnlyList<VirtDevice> devices)
        where T : VirtDevice
    {
        foreach (VirtDevice device in given)
        {
            VirtDevice? now = devices.FirstOrDefault(one => one.Type == device.Type && device.Key is { } key && one.Key == key)
                ?? devices.FirstOrDefault(one => one.Type == device.Type && one.Xml == device.Xml);
            if (now is T same)
                yield return same;
            else
                command.Fail(Missing(domain, device.Type, device.ToString(), devices.Select(one => one.Key).OfType<string>()), device);
        }
    }

    private static VirtException Missing(VirtDomain domain, string what, string said, IEnumerable<string> known)
    {
        string list = string.Join(", ", known);
        return VirtException.Create(
            VirtErrorCode.DeviceMissing, $"the domain '{domain.Name}' has no {what} '{said}'", said,
            list.Length > 0 ? $"It has {list}." : $"It has none. Get-VirtDevice '{domain.Name}' lists its devices.");
    }
}
