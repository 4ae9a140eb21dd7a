using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>features/kvm</c> and the interfaces of KVM that guests know of: <c>pvspinlock</c>, <c>apic eoi</c>.</summary>
internal sealed class KvmFeaturesSection : GuestSection
{
    private readonly XElement? _kvm;
    private readonly bool? _spinlock;
    private readonly bool? _endOfInterrupt;
    private readonly long? _dirtyRing;

    public KvmFeaturesSection(GuestContext context)
        : base(context)
    {
        XElement? features = context.General.Root.Element("features");
        _kvm = features?.Element("kvm");
        _spinlock = features?.Element("pvspinlock") is { } spinlock ? spinlock.Flag("state") ?? true : null;
        _endOfInterrupt = features?.Element("apic")?.Flag("eoi");
        foreach (XElement feature in _kvm?.Elements() ?? [])
        {
            if (feature.Name.LocalName is not ("hidden" or "hint-dedicated" or "poll-control" or "pv-ipi" or "dirty-ring"))
                throw XmlFault.Unsupported(feature, $"KVM has no feature '{feature.Name.LocalName}'");
            _ = feature.Flag("state") ?? throw XmlFault.Invalid(feature, "the attribute state is missing");
        }

        if (_kvm?.Element("hint-dedicated")?.Flag("state") == true
            && context.General.Root.Element("cpu")?.Text("mode") is not ("host-passthrough" or "maximum"))
        {
            throw XmlFault.Unsupported(
                _kvm.Element("hint-dedicated")!, "dedicated processors go with the CPU modes 'host-passthrough' and 'maximum' only");
        }

        if (_kvm?.Element("dirty-ring") is not { } ring || ring.Flag("state") != true)
            return;
        _dirtyRing = ring.Number("size", 1024, 65536) ?? throw XmlFault.Invalid(ring, "the attribute size is missing");
        if (!long.IsPow2(_dirtyRing.Value))
            throw XmlFault.Unsupported(ring, $"the size {_dirtyRing} is not a power of two from 1024 to 65536");
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        bool kvm = Context.Accelerator == Accelerator.Kvm;
        arguments.Cpu.With("kvm-pv-eoi", _endOfInterrupt).With("kvm-pv-unhalt", _spinlock)
            .With("kvm", On("hidden") ? false : null).With("kvm-hint-dedicated", On("hint-dedicated") ? true : null)
            .With("kvm-poll-control", On("poll-control") ? true : null)
            .With("kvm-pv-ipi", _kvm?.Element("pv-ipi")?.Flag("state") == false ? false : null);
        arguments.Accelerator.With("dirty-ring-size", kvm ? _dirtyRing : null);
    }

    private bool On(string name) => _kvm?.Element(name)?.Flag("state") == true;
}
