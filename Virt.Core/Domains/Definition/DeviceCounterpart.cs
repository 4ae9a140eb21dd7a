using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Finds in a definition the device that a running guest has, or that a caller tells.</summary>
internal static class DeviceCounterpart
{
    /// <summary>The device in the definition; null when it has none.</summary>
    /// <param name="config">The definition of the next start.</param>
    /// <param name="running">The device of the running guest; null when only the caller's words are known.</param>
    /// <param name="told">What the caller told.</param>
    public static XElement? Find(DomainDefinition config, XElement? running, XElement told)
    {
        XElement devices = config.Section("devices");
        XElement[] all = [.. devices.Elements().Where(DeviceOrder.IsDevice)];
        if (running is not null && DeviceMatcher.Pair([running], all)[0] is { } pair)
            return pair;
        var words = new XElement(told);
        if (DeviceElement.UserAlias(words) is null)
            words.Elements("alias").Remove();
        return DeviceMatcher.Find(devices, words, live: false);
    }
}
