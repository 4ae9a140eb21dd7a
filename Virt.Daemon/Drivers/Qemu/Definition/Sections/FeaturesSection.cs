using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>features</c>, without those of KVM and Hyper-V: ACPI and what else the machine has or hides.</summary>
internal sealed class FeaturesSection : GuestSection
{
    /// <summary>Those that have no effect on QEMU's x86 machines, in libvirt neither.</summary>
    private static readonly HashSet<string> NoEffect = ["pae", "hap", "viridian", "privnet", "capabilities", "msrs", "xen"];

    /// <summary>Those that other sections read.</summary>
    private static readonly HashSet<string> Elsewhere = ["acpi", "apic", "kvm", "pvspinlock", "hyperv"];

    /// <summary>Those that only other architectures have; off is what x86 machines have.</summary>
    private static readonly HashSet<string> Foreign = ["gic", "hpt", "htm", "nested-hv", "ccf-assist", "cfpc", "sbbc", "ibs"];

    private readonly XElement? _features;
    private readonly bool? _virtualMachinePort;
    private readonly bool? _systemManagement;
    private readonly bool? _performance;
    private readonly string? _interruptChip;
    private readonly long? _translationCache;
    private readonly bool _coreInfo;
    private readonly bool _lateTeardown;
    private readonly long? _segment;

    public FeaturesSection(GuestContext context)
        : base(context)
    {
        _features = context.General.Root.Element("features");
        HasAcpi = _features?.Element("acpi") is not null;
        foreach (XElement feature in _features?.Elements() ?? [])
        {
            switch (feature.Name.LocalName)
            {
                case "vmport":
                    _virtualMachinePort = feature.Flag("state");
                    break;
                case "smm":
                    _systemManagement = feature.Flag("state") ?? true;
                    _segment = feature.Element("tseg") is { } segment ? ReadSegment(segment) : null;
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
                    _translationCache = feature.Element("tb-cache") is { } cache ? ReadCache(cache) : null;
                    break;
                case "async-teardown":
                    _lateTeardown = feature.Flag("enabled") == true;
                    break;
                case var name when NoEffect.Contains(name) || Elsewhere.Contains(name):
                    break;
                case var name when Foreign.Contains(name) && (feature.Text("state") == "off" || feature.Text("value") == "off"):
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
        arguments.Cpu.With("pmu", _performance);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_segment is { } segment)
            arguments.Add("-global", $"mch.extended-tseg-mbytes={segment}");
        if (_lateTeardown)
            arguments.Add("-async-teardown");
        if (_coreInfo)
            arguments.AddDevice(JsonProperties.Device("vmcoreinfo", null));
    }

    private long? ReadSegment(XElement segment)
    {
        if (string.IsNullOrWhiteSpace(segment.Value))
            return null;
        if (Context.MachineKind != MachineKind.Q35)
            throw XmlFault.Unsupported(segment, "only the machine 'q35' has one");
        if (_systemManagement != true)
            throw XmlFault.Unsupported(segment, "it needs SMM");
        long bytes = ScaledSize.Read(segment, "MiB");
        return bytes > 0 && bytes % (1 << 20) == 0 && bytes >> 20 < ushort.MaxValue
            ? bytes >> 20
            : throw XmlFault.Unsupported(segment, "it must be whole mebibytes, at least one");
    }

    private long? ReadCache(XElement cache)
    {
        if (Context.Accelerator != Accelerator.Tcg)
            throw XmlFault.Unsupported(cache, "a domain of type 'kvm' translates nothing");
        long bytes = ScaledSize.Read(cache, "KiB");
        return bytes % (1 << 20) == 0 ? bytes >> 20 : throw XmlFault.Unsupported(cache, "it must be whole mebibytes");
    }
}
