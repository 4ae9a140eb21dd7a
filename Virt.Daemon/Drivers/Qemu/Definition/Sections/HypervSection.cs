using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>features/hyperv</c>: the interfaces by which Windows runs better on a hypervisor.</summary>
internal sealed class HypervSection : GuestSection
{
    private static readonly Dictionary<string, string> Properties = new(StringComparer.Ordinal)
    {
        ["relaxed"] = "hv-relaxed", ["vapic"] = "hv-vapic", ["vpindex"] = "hv-vpindex", ["runtime"] = "hv-runtime",
        ["synic"] = "hv-synic", ["stimer"] = "hv-stimer", ["reset"] = "hv-reset", ["frequencies"] = "hv-frequencies",
        ["reenlightenment"] = "hv-reenlightenment", ["tlbflush"] = "hv-tlbflush", ["ipi"] = "hv-ipi", ["evmcs"] = "hv-evmcs",
        ["avic"] = "hv-avic",
    };

    private readonly List<Action<OptionString>> _options = [];

    public HypervSection(GuestContext context)
        : base(context)
    {
        if (context.General.Root.Element("features")?.Element("hyperv") is not { } hyperv)
            return;
        if (hyperv.Choice("mode", "custom", "passthrough") == "passthrough")
        {
            if (context.Accelerator == Accelerator.Tcg)
                context.FailStart(hyperv, "Hyper-V mode 'passthrough' needs a domain of type 'kvm'");
            _options.Add(cpu => cpu.With("hv-passthrough", true));
            return;
        }

        foreach (XElement feature in hyperv.Elements())
            context.Faults.Try(() => Read(feature));
        if (context.Accelerator == Accelerator.Tcg)
            context.Warn(hyperv, "has no effect when the guest is emulated (type 'qemu')");
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        if (Context.Accelerator == Accelerator.Tcg)
            return;
        foreach (Action<OptionString> option in _options)
            option(arguments.Cpu);
        IEnumerable<XElement> timers = Context.General.Root.Element("clock")?.Elements("timer") ?? [];
        if (timers.Any(timer => timer.Text("name") == "hypervclock" && timer.Flag("present") == true))
            arguments.Cpu.With("hv-time", true);
        if (Context.Of<PanicDevice>().Any(panic => panic.IsHyperv))
            arguments.Cpu.With("hv-crash", true);
    }

    private void Read(XElement feature)
    {
        if (feature.Flag("state") != true)
            return;
        string name = feature.Name.LocalName;
        if (name == "spinlocks")
        {
            long retries = feature.Number("retries", 4095, uint.MaxValue)
                ?? throw XmlFault.Invalid(feature, "the attribute retries is missing");
            _options.Add(cpu => cpu.With("hv-spinlocks", retries));
        }
        else if (name == "vendor_id")
        {
            string vendor = feature.Required("value");
            if (vendor.Length > 12 || vendor.Any(c => c is ',' or < ' ' or > '~'))
                throw XmlFault.Invalid(feature, $"'{vendor}' is not a vendor of at most 12 characters without a comma");
            _options.Add(cpu => cpu.With("hv-vendor-id", vendor));
        }
        else
        {
            string property = Properties.GetValueOrDefault(name)
                ?? throw XmlFault.Unsupported(feature, $"QEMU has no Hyper-V feature '{name}'");
            _options.Add(cpu => cpu.With(property, true));
            if (name == "stimer" && feature.Element("direct")?.Flag("state") == true)
                _options.Add(cpu => cpu.With("hv-stimer-direct", true));
        }
    }
}
