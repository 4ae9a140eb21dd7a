using System.Text;
using System.Xml.Linq;
using Virt.Daemon.Native;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Network;

/// <summary>
/// The virtual networks that guests can be on: those that libvirt runs on this host, and those described in libvirt's network XML
/// in a folder of ours. Each leads to a bridge of the host. Who runs the network makes the bridge; nothing here does.
/// </summary>
/// <param name="folder">Our descriptions, <c>NAME.xml</c>; they come first.</param>
/// <param name="libvirt">Where libvirt's daemon keeps the state of its active networks; null when it is not looked at.</param>
internal sealed class HostNetworks(string folder, string? libvirt)
{
    /// <summary>Libvirt's place for its active networks: <c>NAME.xml</c>, a <c>networkstatus</c>.</summary>
    public const string LibvirtStatus = "/run/libvirt/network";

    private const int MaximumFile = 1 << 20;

    /// <summary>The bridge of a network.</summary>
    /// <param name="name">The network.</param>
    /// <param name="portGroup">A group of its ports; null for none.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoNetwork"/>; or <see
    /// cref="VirtErrorCode.ConfigurationUnsupported"/> for one that is more than a bridge.</exception>
    public string FindBridge(string name, string? portGroup)
    {
        XElement network = Read(name) ?? throw VirtException.Create(
            VirtErrorCode.NoNetwork, $"there is no network '{name}'", name,
            $"Start it in libvirt (virsh net-start {name}), describe it in {Path.Combine(folder, name + ".xml")}, or use an interface of type 'bridge' or 'user'.");
        if ((string?)network.Element("bridge")?.Attribute("name") is not { Length: > 0 } bridge)
        {
            throw VirtException.Create(
                VirtErrorCode.ConfigurationUnsupported, $"the network '{name}' leads to no bridge of the host", name,
                "Use an interface of type 'direct' or 'hostdev' with the device that the network names.");
        }

        XElement? group = network.Elements("portgroup").FirstOrDefault(one => portGroup is null ? (string?)one.Attribute("default") == "yes" : (string?)one.Attribute("name") == portGroup);
        // A VLAN that is silently not there would put the guest on another network.
        if ((Needed(network) ?? Needed(group)) is { } unmet)
        {
            throw VirtException.Create(
                VirtErrorCode.ConfigurationUnsupported, $"the network '{name}' asks for <{unmet.Name.LocalName}>, which guests are not given by a network", name,
                $"Use an interface of type 'bridge' with the bridge '{bridge}', and say it there.");
        }

        return bridge;
    }

    private static XElement? Needed(XElement? place) =>
        place?.Elements().FirstOrDefault(child => child.Name.LocalName is "vlan" or "virtualport" || (child.Name.LocalName == "bandwidth" && place.Name.LocalName == "portgroup"));

    private XElement? Read(string name)
    {
        if (name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
            return null;
        return ReadFile(Path.Combine(folder, name + ".xml")) ?? (libvirt is null ? null : ReadFile(Path.Combine(libvirt, name + ".xml")));
    }

    private static XElement? ReadFile(string path)
    {
        try
        {
            XElement root = SafeXml.Parse(Encoding.UTF8.GetString(HostFile.Read(path, MaximumFile)), "network", "networkstatus");
            return root.Name.LocalName == "network" ? root : root.Element("network");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
