using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>features</c>, without Hyper-V's: ACPI and what else the machine has or hides.</summary>
internal sealed class FeaturesSection : GuestSection
{
    /// <summary>Those that have no effect on QEMU's x86 machines, in libvirt neither.</summary>
    private static readonly HashSet<string> NoEffect = ["pae", "apic", "hap", "viridian", "privnet", "capabilities", "msrs", "hyperv"];

    private readonly XElement? _features;
    private readonly bool? _virtualMachinePort;
    private readonly bool? _systemManagement;
    private readonly bool? _performance;
    private readonly string? _interruptChip;
    private readonly long? _translationCache;
    private readonly bool _coreInfo;

    public FeaturesSection(GuestContext context)
        : base(context)
    {
        _features = context.General.Root.Element("features");
        HasAcpi = _features?.Element("acpi") is not null;
        foreach (XElement feature in _features?.Elements() ?? [])
        {
            switch (feature.Name.LocalName)
            {
                case "acpi" or "kvm":
                    break;
                case "vmport":
                    _virtualMachinePort = feature.Flag("state");
                    break;
                case "smm":
                    _systemManagement = feature.Flag("state") ?? true;
                    if (feature.Element("tseg") is { } segment)
                        throw XmlFault.Unsupported(segment, "it is not supported by this version");
                    break;
                case "pmu":
                    _performance = feature.Flag("state") ?? true;
                    break;
                case "ioapic":
                    _interruptChip = feature.Choice("driver", "kvm", "qemu") == "qemu" ? "split" : "on";
                    break;
                case "vmcoreinfo":
                    _coreInfo = feature.Flag("state") ?? true;
                    break;
                case "tcg":
                    _translationCache = feature.Element("tb-cache") is { } cache ? ScaledSize.Read(cache, "KiB") >> 20 : null;
                    break;
                case var name when NoEffect.Contains(name):
                    break;
                default:
                    context.Faults.Try(() => throw XmlFault.Unsupported(
                        feature, $"the machine '{context.Machine.Name}' has no feature '{feature.Name.LocalName}'"));
                    break;
            }
        }
    }

    /// <summary>Whether the guest finds ACPI, which it needs to be shut down.</summary>
    public bool HasAcpi { get; }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        bool kvm = Context.Accelerator == Accelerator.Kvm;
        arguments.Machine.With("acpi", HasAcpi || Context.MachineKind == MachineKind.Isa ? null : false)
            .With("vmport", _virtualMachinePort).With("smm", _systemManagement)
            .With("kernel-irqchip", kvm ? _interruptChip : null);
        arguments.Accelerator.With("tb-size", kvm ? null : _translationCache);
        arguments.Cpu.With("pmu", _performance).With("kvm-pv-eoi", _features?.Element("apic")?.Flag("eoi"));
        XElement? hidden = _features?.Element("kvm");
        arguments.Cpu.With("kvm", hidden?.Element("hidden")?.Flag("state") == true ? false : null)
            .With("kvm-hint-dedicated", On(hidden, "hint-dedicated")).With("kvm-poll-control", On(hidden, "poll-control"));
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_coreInfo)
            arguments.AddDevice(JsonProperties.Device("vmcoreinfo", null));
    }

    private static bool? On(XElement? parent, string name) => parent?.Element(name)?.Flag("state") == true ? true : null;
}
