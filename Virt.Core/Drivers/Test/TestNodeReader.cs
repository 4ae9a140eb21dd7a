using System.Globalization;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Hosts;
using Virt.Interfaces;
using Virt.Networks;
using Virt.NodeDevices;
using Virt.Storage;

namespace Virt.Drivers.Test;

/// <summary>
/// Reads the node document of libvirt's test driver (https://libvirt.org/drvtest.html). A domain is running unless its
/// elements in the namespace of <see cref="Extension"/> say otherwise: <c>runstate</c> (a number or name of
/// <see cref="DomainState"/>; also <c>domainrunstate</c>), <c>transient</c>, <c>hasmanagedsave</c>, <c>autostart</c>,
/// <c>domainsnapshot</c>.
/// </summary>
internal static class TestNodeReader
{
    public static readonly XNamespace Extension = "http://libvirt.org/schemas/domain/test/1.0";

    private const long DefaultMemory = 64L << 30;
    private const long PoolCapacity = 100L << 30;

    /// <summary>Reads a node; the domains of other files come after its own.</summary>
    public static TestNode Read(XElement node, IReadOnlyList<(XElement Root, string Path)> domains) => new(
        ReadMachine(node),
        [
            .. node.Elements("domain").ToArray().Select(ReadDomain),
            .. domains.Select(domain => TestNodeFile.InFile(domain.Path, () => ReadDomain(domain.Root))),
        ],
        [.. node.Elements("network").Select(ReadNetwork).OrderBy(network => network.Name, StringComparer.Ordinal)],
        [.. node.Elements("pool").Select(ReadPool).OrderBy(pool => pool.Name, StringComparer.Ordinal)],
        [.. node.Elements("interface").Select(ReadInterface).OrderBy(face => face.Name, StringComparer.Ordinal)],
        [.. node.Elements("device").Select(ReadDevice).OrderBy(device => device.Name, StringComparer.Ordinal)],
        [.. node.Elements("auth").Elements("user").Select(user => new TestUser(user.Value.Trim(), (string?)user.Attribute("password")))]);

    private static TestNodeDomain ReadDomain(XElement element)
    {
        XElement? runState = element.Element(Extension + "runstate") ?? element.Element(Extension + "domainrunstate");
        DomainState state = runState is null ? DomainState.Running : ReadState(runState);
        bool transient = Has(element, "transient");
        bool managedSave = Has(element, "hasmanagedsave");
        bool autostart = Has(element, "autostart");
        bool snapshot = Has(element, "domainsnapshot");
        if (transient && state == DomainState.Shutoff)
            throw XmlFault.Invalid(runState!, "a transient domain is active", "Take out transient, or give another runstate.");
        if (transient && (managedSave || autostart))
            throw XmlFault.Invalid(element, "a transient domain has neither a managed save nor autostart");
        if (managedSave && state != DomainState.Shutoff)
            throw XmlFault.Invalid(element, "a domain with a managed save is off", "Give it the runstate 5.");
        element.Elements().Where(child => child.Name.Namespace == Extension).Remove();
        element.Attributes().Where(a => a.Value == Extension.NamespaceName).Remove();
        if (element.Parent is not null)
            element.Remove();
        var definition = TestDefinition.From(DomainDefinition.Adopt(element));
        return new TestNodeDomain(definition, state, transient, autostart, managedSave, snapshot);
    }

    private static bool Has(XElement domain, string name) => domain.Element(Extension + name) is not null;

    private static DomainState ReadState(XElement element) =>
        Enum.TryParse(element.Value.Trim(), ignoreCase: true, out DomainState state)
        && state is DomainState.Running or DomainState.Blocked or DomainState.Paused or DomainState.Shutdown or DomainState.Shutoff
            or DomainState.Crashed or DomainState.PMSuspended
            ? state
            : throw XmlFault.Invalid(
                element, $"'{element.Value.Trim()}' is not a run state",
                "Use 1 (running), 3 (paused), 5 (off), 6 (crashed) or 7 (suspended by power management).");

    private static NodeRecord ReadMachine(XElement node)
    {
        XElement? cpu = node.Element("cpu");
        long memory = node.Element("memory") is { } given ? ScaledSize.Read(given, "KiB") : DefaultMemory;
        int nodes = Number(cpu, "nodes", 2), sockets = Number(cpu, "sockets", 2), cores = Number(cpu, "cores", 2), threads = Number(cpu, "threads", 2);
        return new NodeRecord(
            "x86_64", Text(cpu, "model") ?? "Test CPU", Number(cpu, "active", 16), Number(cpu, "mhz", 1400), nodes, sockets, cores, threads,
            memory, memory);
    }

    private static NetworkRecord ReadNetwork(XElement element) => new(
        Name(element), Identity(element), Active: !IsOff(element), Persistent: true, Has(element, "autostart"),
        (string?)element.Element("bridge")?.Attribute("name"));

    private static StoragePoolRecord ReadPool(XElement element) => new(
        Name(element), Identity(element), (string?)element.Attribute("type") ?? "dir", Active: !IsOff(element), Persistent: true,
        Has(element, "autostart"), element.Element("capacity") is { } capacity ? ScaledSize.Read(capacity, "bytes") : PoolCapacity,
        element.Element("allocation") is { } allocation ? ScaledSize.Read(allocation, "bytes") : 0,
        Text(element.Element("target"), "path"));

    private static InterfaceRecord ReadInterface(XElement element) => new(
        (string?)element.Attribute("name") ?? throw XmlFault.Invalid(element, "the attribute name is missing"),
        (string?)element.Element("mac")?.Attribute("address"), Active: !IsOff(element));

    private static NodeDeviceRecord ReadDevice(XElement element) => new(
        Name(element), Text(element, "parent"),
        [.. element.Elements("capability").Select(capability => (string?)capability.Attribute("type")).OfType<string>()]);

    private static bool IsOff(XElement element) =>
        element.Element(Extension + "runstate") is { } state && ReadState(state) == DomainState.Shutoff;

    private static string Name(XElement element) =>
        Text(element, "name") ?? throw XmlFault.Invalid(element, "the element name is missing");

    private static Guid Identity(XElement element) =>
        Text(element, "uuid") is not { } text ? Guid.NewGuid()
        : Guid.TryParse(text, out Guid uuid) ? uuid
        : throw XmlFault.Invalid(element.Element("uuid")!, $"'{text}' is not a uuid");

    private static string? Text(XElement? parent, string name) =>
        parent?.Element(name)?.Value.Trim() is { Length: > 0 } text ? text : null;

    private static int Number(XElement? parent, string name, int absent) =>
        Text(parent, name) is not { } text ? absent
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
        : throw XmlFault.Invalid(parent!.Element(name)!, $"'{text}' is not a number above 0");
}
