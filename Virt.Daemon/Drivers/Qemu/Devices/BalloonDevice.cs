using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>memballoon</c>: takes memory from the running guest and gives it back, and reports the guest's use of it. A
/// guest has one unless the model is none.</summary>
internal sealed class BalloonDevice : GuestDevice, IPostStart
{
    private const string Driver = "virtio-balloon-pci";
    private readonly string _model;
    private readonly VirtioOptions? _virtio;
    private readonly long? _period;

    public BalloonDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _model = element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional", "none", "xen")
            ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        if (_model == "xen")
            throw XmlFault.Unsupported(element, "QEMU has no balloon 'xen'");
        if (context.Of<BalloonDevice>().Any())
            throw XmlFault.Invalid(element, "a domain has only one memballoon");
        if (!IsNone)
            context.RequireDevice(element, VirtioOptions.Driver(Driver, _model));
        _virtio = VirtioOptions.Read(element);
        _period = element.Element("stats")?.Number("period", 0, int.MaxValue);
    }

    /// <summary>Whether the guest has no balloon.</summary>
    public bool IsNone => _model == "none";

    /// <inheritdoc/>
    public override PciNeed PciNeed => IsNone ? PciNeed.None : PciNeed.Express;

    /// <summary>Adds the balloon that a guest has unless it says otherwise.</summary>
    public static void ImplyDefault(GuestContext context)
    {
        if (context.MachineKind != MachineKind.Isa && !context.Of<BalloonDevice>().Any()
            && context.Capabilities.HasDevice(Driver))
            context.Imply(new XElement("memballoon", new XAttribute("model", "virtio")));
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (IsNone)
            return;
        arguments.AddDevice(NewDevice(VirtioOptions.Driver(Driver, _model)).WithVirtio(_virtio)
            .With("deflate-on-oom", Element.Flag("autodeflate")).With("free-page-reporting", Element.Flag("freePageReporting")));
    }

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart()
    {
        if (IsNone)
            yield break;
        if (Context.General.Memory < Context.General.MaximumMemory)
            yield return new PostStartCommand("balloon", new JsonObject { ["value"] = Context.General.Memory });
        if (_period is > 0)
        {
            yield return new PostStartCommand("qom-set", new JsonObject
            {
                ["path"] = $"/machine/peripheral/{Alias}", ["property"] = "guest-stats-polling-interval", ["value"] = _period,
            });
        }
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => "balloon0";
}
