using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The host's end of a network card: a subclass per <c>type</c> of an interface. Becomes a <c>-netdev</c>.</summary>
/// <param name="element">The interface.</param>
/// <param name="context">The rest of the definition.</param>
internal abstract class InterfaceBackend(XElement element, GuestContext context)
{
    /// <summary>Which type each class reads. Other types are none.</summary>
    private static readonly Dictionary<string, Func<InterfaceCard, InterfaceBackend>> Factories = new(StringComparer.Ordinal)
    {
        ["user"] = card => new UserBackend(card),
        ["bridge"] = card => new BridgeBackend(card),
        ["ethernet"] = card => new EthernetBackend(card),
        ["direct"] = card => new DirectBackend(card),
        ["network"] = card => new NetworkBackend(card),
        ["vhostuser"] = card => new VhostUserBackend(card),
        ["vdpa"] = card => new VdpaBackend(card),
        ["mcast"] = card => new SocketBackend(card, "mcast"),
        ["server"] = card => new SocketBackend(card, "server"),
        ["client"] = card => new SocketBackend(card, "client"),
        ["udp"] = card => new SocketBackend(card, "udp"),
        ["internal"] = card => new AbsentBackend(card, "internal", "name"),
        ["vds"] = card => new AbsentBackend(card, "vds", "switchid", "portid", "portgroupid", "connectionid"),
        ["null"] = card => new AbsentBackend(card, "null"),
    };

    /// <summary>The interface.</summary>
    protected XElement Element => element;

    /// <summary>The rest of the definition.</summary>
    protected GuestContext Context => context;

    /// <summary>What the host must give.</summary>
    public virtual IEnumerable<IHostResource> Resources => [];

    /// <summary>The host's interface while the guest runs; null when it has none. What QEMU is told names it, so it is chosen
    /// then.</summary>
    public virtual string? LiveTarget
    {
        get => null;
        set => _ = value;
    }

    /// <summary>Whether the card may have several queues.</summary>
    public virtual bool TakesQueues => false;

    /// <summary>Whether the MTU can be had.</summary>
    public virtual bool TakesMtu => true;

    /// <summary>Whether <c>bandwidth</c> limits it.</summary>
    public virtual bool TakesBandwidth => false;

    /// <summary>Whether it is a port of a bridge, which <c>port isolated</c> and <c>coalesce</c> are for.</summary>
    public virtual bool IsBridgePort => false;

    /// <summary>Whether traffic can be filtered (<c>filterref</c>) and the tap's device be chosen (<c>backend tap</c>).</summary>
    public virtual bool IsTap => false;

    /// <summary>Whether <c>virtualport</c> can be said.</summary>
    public virtual bool TakesVirtualPort => false;

    /// <summary>Whether it takes tags of VLANs.</summary>
    public virtual bool TakesVlans => false;

    /// <summary>Reads the back end of a card.</summary>
    public static InterfaceBackend Create(string type, InterfaceCard card) => Factories[type](card);

    /// <summary>The types there are.</summary>
    public static IReadOnlyCollection<string> Types => Factories.Keys;

    /// <summary>Completes a copy of the interface with what is known only of the running guest.</summary>
    public virtual void WriteLive(XElement copy)
    {
    }

    /// <summary>Takes it back from the interface of a live XML.</summary>
    public virtual void ReadLive(XElement live)
    {
    }

    /// <summary>Writes the <c>-netdev</c>.</summary>
    /// <param name="arguments">Where to.</param>
    /// <param name="alias">The card's alias; the netdev's id is <c>host</c> and it.</param>
    public abstract void AddTo(QemuArguments arguments, string alias);

    /// <summary>The child <c>source</c>, which must be there.</summary>
    protected XElement Source => Element.Element("source") ?? throw XmlFault.Invalid(Element, "the element source is missing");
}

/// <summary>What the parts of a network card share.</summary>
/// <param name="Element">The interface.</param>
/// <param name="Context">The rest of the definition.</param>
/// <param name="Mac">Its address.</param>
/// <param name="Offloads">Its driver's options.</param>
/// <param name="IsVirtio">Whether it is paravirtual.</param>
internal sealed record InterfaceCard(XElement Element, GuestContext Context, MacAddress Mac, InterfaceOffloads Offloads, bool IsVirtio);
