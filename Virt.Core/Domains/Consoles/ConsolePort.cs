using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Domains;

/// <summary>A console, serial or parallel port of a running domain, and where it leads.</summary>
/// <param name="Alias">The device's alias.</param>
/// <param name="Type"><c>pty</c>, <c>unix</c>, <c>file</c>, ...</param>
/// <param name="Path">The pseudo terminal, the socket, the file; null when there is none.</param>
/// <param name="Listens">Whether the hypervisor waits there for somebody to connect.</param>
internal sealed record ConsolePort(string Alias, string Type, string? Path, bool Listens)
{
    private static readonly string[] Kinds = ["console", "serial", "parallel"];

    /// <summary>Whether somebody can join in there.</summary>
    public bool IsOpen => Type == "pty" || (Type == "unix" && Listens);

    /// <summary>Finds a port in the devices of a running domain.</summary>
    /// <param name="domain">The domain's name.</param>
    /// <param name="devices">The live devices, with their aliases.</param>
    /// <param name="alias">The alias; null for the first console, or else the first serial port.</param>
    /// <exception cref="VirtException">There is none, or nobody can join in there.</exception>
    public static ConsolePort Find(string domain, XElement? devices, string? alias)
    {
        ConsolePort[] ports = [.. Kinds.SelectMany(kind => devices?.Elements(kind) ?? []).Select(Read).OfType<ConsolePort>()];
        ConsolePort port = (alias is null ? ports.FirstOrDefault() : ports.FirstOrDefault(one => one.Alias == alias))
            ?? throw Missing(domain, alias, ports);
        if (port.IsOpen)
            return port;
        string where = port.Path is null ? $"type '{port.Type}'" : $"type '{port.Type}' ({port.Path})";
        throw VirtException.Create(
            VirtErrorCode.OperationUnsupported, $"the console '{port.Alias}' of domain '{domain}' is of {where}, where nobody can join in",
            port.Alias, "Give it the type pty, or unix with mode='bind'.");
    }

    private static ConsolePort? Read(XElement device)
    {
        // The first serial port is written a second time, as a console.
        if (device.Name.LocalName == "console" && DeviceElement.Attribute(device, "target", "type") is null or "serial"
            && device.Parent!.Element("serial") is { } serial)
        {
            device = serial;
        }

        return DeviceElement.Alias(device) is { } alias && (string?)device.Attribute("type") is { } type
            ? new ConsolePort(
                alias, type, DeviceElement.Attribute(device, "source", "path"), DeviceElement.Attribute(device, "source", "mode") == "bind")
            : null;
    }

    private static VirtException Missing(string domain, string? alias, ConsolePort[] ports)
    {
        string known = string.Join(", ", ports.Select(port => port.Alias).Distinct());
        return VirtException.Create(
            VirtErrorCode.DeviceMissing,
            alias is null ? $"the domain '{domain}' has no console" : $"the domain '{domain}' has no console '{alias}'", alias ?? domain,
            known.Length > 0 ? $"It has {known}." : "Add a serial port to its definition.");
    }
}
