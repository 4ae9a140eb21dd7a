using System.Collections;
using System.Management.Automation;
using System.Net.NetworkInformation;
using Virt.Domains.Definition;

namespace Virt.PowerShell;

/// <summary>Lets a parameter take network cards: see <see cref="NicSpec"/>.</summary>
internal sealed class NicSpecAttribute : SpecAttribute<InterfaceSpecification>
{
    private protected override InterfaceSpecification Read(object value) => NicSpec.Read(value);
}

/// <summary>
/// Network cards as people say them: <c>user</c>, <c>none</c>, <c>bridge:br0</c>, <c>network:default</c>, <c>direct:eth0</c>, or a
/// hashtable.
/// </summary>
internal static class NicSpec
{
    /// <summary>The type that stands for no card.</summary>
    public const string None = "none";

    private const string Forms = "Give user, none, bridge:br0, network:default, direct:eth0, or a hashtable such as @{ Bridge = 'br0' }.";
    private const string DefaultModel = "virtio";
    private static readonly string[] Modes = ["bridge", "vepa", "private", "passthrough"];

    public static InterfaceSpecification Read(object value) => value switch
    {
        string text => FromText(text),
        IDictionary table => FromTable(new SpecTable("network card", table)),
        PSObject made => FromTable(new SpecTable("network card", made)),
        _ => throw new FormatException($"A {value.GetType().Name} is not a network card. {Forms}"),
    };

    public static InterfaceSpecification FromText(string text)
    {
        string[] parts = text.Split(':', 2);
        string source = parts.Length > 1 ? parts[1] : "";
        return (parts[0].ToLowerInvariant(), source) switch
        {
            ("user", "") => new InterfaceSpecification("user"),
            (None, "") => new InterfaceSpecification(None),
            ("bridge" or "direct" or "network", { Length: > 0 }) => new InterfaceSpecification(parts[0].ToLowerInvariant(), source),
            ("ethernet", _) => new InterfaceSpecification("ethernet") { Target = source.Length > 0 ? source : null },
            _ => throw new FormatException($"'{text}' is not a network card. {Forms}"),
        };
    }

    /// <summary>The address as libvirt writes it: <c>52:54:00:12:34:56</c>.</summary>
    /// <exception cref="FormatException">It is none, or one of a group.</exception>
    public static string? Mac(string? text)
    {
        if (text is null)
            return null;
        if (!PhysicalAddress.TryParse(text.Replace(':', '-'), out PhysicalAddress? address) || address.GetAddressBytes() is not { Length: 6 } bytes)
            throw new FormatException($"'{text}' is not a MAC address. Give one such as 52:54:00:12:34:56.");
        if ((bytes[0] & 1) != 0)
            throw new FormatException($"'{text}' is the address of a group; a card's first byte is even.");
        return string.Join(':', bytes.Select(part => part.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static InterfaceSpecification FromTable(SpecTable table)
    {
        (string Type, string? Source)[] leads =
        [
            ("bridge", table.Text("Bridge")), ("network", table.Text("Network")), ("direct", table.Text("Direct")),
            ("user", table.Flag("User") == true ? "" : null),
        ];
        string? type = table.Choice("Type", "user", "bridge", "network", "direct", "ethernet");
        string? source = table.Text("Source");
        (string Type, string? Source)[] said = [.. leads.Where(lead => lead.Source is not null)];
        if (said.Length > 1 || (said.Length == 1 && (type is not null && type != said[0].Type)))
            throw new FormatException($"A network card leads to one place, not to {string.Join(" and ", said.Select(one => one.Type))}.");
        if (said.Length == 1)
            (type, source) = (said[0].Type, said[0].Source!.Length > 0 ? said[0].Source : null);
        if (type is "bridge" or "network" or "direct" && source is null)
            throw new FormatException($"A card of the type {type} needs a Source. {Forms}");
        var nic = new InterfaceSpecification(type ?? "user", source)
        {
            Mode = table.Choice("Mode", Modes),
            Mac = Mac(table.Text("Mac", "MacAddress")),
            Model = table.Text("Model") ?? DefaultModel,
            Target = table.Text("Target"),
            Mtu = table.Count("Mtu", 68, 65535),
            Connected = table.Flag("Connected"),
            Queues = table.Count("Queues"),
            Vlan = table.Count("Vlan", 1, 4094),
            Filter = table.Text("Filter"),
            PortGroup = table.Text("PortGroup"),
            BootOrder = table.Count("BootOrder"),
            InboundLimit = table.Size("InboundLimit"),
            OutboundLimit = table.Size("OutboundLimit"),
        };
        table.End();
        return nic;
    }
}
