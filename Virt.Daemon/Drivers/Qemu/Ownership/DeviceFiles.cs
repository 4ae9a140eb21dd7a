using System.Xml.Linq;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>The files of the host that a device's element names and QEMU opens: character devices, sockets, host devices.</summary>
internal static class DeviceFiles
{
    /// <summary>Those of an element.</summary>
    public static IEnumerable<GuestFile> Of(XElement device) => device.Name.LocalName switch
    {
        "serial" or "parallel" or "console" or "channel" or "smartcard" or "redirdev" => Character(device, device),
        "disk" when (string?)device.Attribute("type") == "vhostuser" => Socket(device, device.Element("source")),
        "interface" when (string?)device.Attribute("type") == "vhostuser" => Socket(device, device.Element("source")),
        "rng" => Random(device),
        "tpm" => Tpm(device),
        "input" => One(device, device.Element("source"), "evdev").Concat(One(device, device.Element("source"), "dev")),
        "memory" => One(device, device.Element("source"), "path", device.Element("source")?.Element("path")?.Value),
        "filesystem" => One(device, device.Element("source"), "socket"),
        "graphics" or "video" => device.Descendants().Attributes("rendernode").Select(node => new GuestFile("GPU", node.Value, FileNeed.Write)),
        _ => [],
    };

    /// <summary>The device by which a group of the IOMMU is given to a guest.</summary>
    public static IEnumerable<GuestFile> OfGroup(string? group) =>
        group is null ? [] : [new GuestFile("VFIO group", "/dev/vfio/" + group, FileNeed.Write)];

    /// <summary>Whether the definition wants owners left as they are: <c>seclabel relabel='no'</c> of the domain or of the device.</summary>
    public static bool AreLeft(XElement domain, XElement device) => domain.Elements("seclabel").Concat(device.Descendants("seclabel"))
        .Any(label => (string?)label.Attribute("relabel") == "no" && ((string?)label.Attribute("model") is null or "dac"));

    /// <summary>The paths at which it listens.</summary>
    public static IEnumerable<string> Sockets(XElement device) => device.Name.LocalName is "serial" or "parallel" or "console" or "channel" or "smartcard" or "redirdev"
        && (string?)device.Attribute("type") == "unix" && device.Element("source") is { } source && (string?)source.Attribute("mode") == "bind"
        && (string?)source.Attribute("path") is { } path
            ? [path]
            : [];

    private static IEnumerable<GuestFile> Character(XElement device, XElement backend)
    {
        string what = device.Name.LocalName;
        XElement? source = backend.Element("source");
        string? path = (string?)source?.Attribute("path");
        if (path is not null)
        {
            switch ((string?)backend.Attribute("type"))
            {
                case "file":
                    yield return new GuestFile($"file of the {what}", path, FileNeed.Write) { IsMade = true, IsEmptied = !Appends(source) };
                    break;
                case "dev":
                    yield return new GuestFile($"device of the {what}", path, FileNeed.Write);
                    break;
                case "pipe":
                    foreach (string end in (string[])["", ".in", ".out"])
                        yield return new GuestFile($"pipe of the {what}", path + end, FileNeed.Write);
                    break;
                case "unix" when (string?)source!.Attribute("mode") == "connect":
                    yield return new GuestFile($"socket of the {what}", path, FileNeed.Write);
                    break;
            }
        }

        if ((string?)backend.Element("log")?.Attribute("file") is { } log)
            yield return new GuestFile($"log of the {what}", log, FileNeed.Write) { IsMade = true, IsEmptied = !Appends(backend.Element("log")) };
    }

    private static bool Appends(XElement? place) => (string?)place?.Attribute("append") == "on";

    private static IEnumerable<GuestFile> Random(XElement rng)
    {
        XElement? backend = rng.Element("backend");
        return (string?)backend?.Attribute("model") switch
        {
            "random" when backend!.Value.Trim() is { Length: > 0 } path => [new GuestFile("source of the rng", path, FileNeed.Read)],
            "egd" => Character(rng, backend!),
            _ => [],
        };
    }

    private static IEnumerable<GuestFile> Tpm(XElement tpm)
    {
        XElement? backend = tpm.Element("backend");
        return (string?)backend?.Attribute("type") switch
        {
            "passthrough" => One(tpm, backend.Element("device"), "path"),
            "external" => Socket(tpm, backend.Element("source")),
            _ => [],
        };
    }

    private static IEnumerable<GuestFile> Socket(XElement device, XElement? source) =>
        (string?)source?.Attribute("mode") == "server" ? [] : One(device, source, "path");

    private static IEnumerable<GuestFile> One(XElement device, XElement? source, string attribute, string? value = null) =>
        ((string?)source?.Attribute(attribute) ?? value?.Trim()) is { Length: > 0 } path && path[0] == '/'
            ? [new GuestFile($"source of the {device.Name.LocalName}", path, FileNeed.Write)]
            : [];
}
