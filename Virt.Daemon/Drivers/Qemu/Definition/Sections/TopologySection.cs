using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>vcpu</c> and <c>cpu/topology</c>: how many processors, and how they are grouped.</summary>
internal sealed class TopologySection : GuestSection
{
    private const int MaximumPart = 4096;
    private readonly int _current;
    private readonly int _maximum;
    private readonly int _sockets;
    private readonly int _dies = 1;
    private readonly int _cores = 1;
    private readonly int _threads = 1;

    public TopologySection(GuestContext context)
        : base(context)
    {
        _maximum = context.General.MaximumVCpu;
        _current = context.General.VCpu;
        _sockets = _maximum;
        XElement vcpu = context.General.Section("vcpu");
        if (string.IsNullOrWhiteSpace(vcpu.Value))
            vcpu.Value = "1";
        vcpu.SetDefault("placement", "static");
        if (_maximum > context.Machine.MaximumVCpu)
            throw XmlFault.Unsupported(
                vcpu,
                $"the machine '{context.Machine.Name}' has at most {context.Machine.MaximumVCpu} virtual CPUs, not {_maximum}");
        CheckList();
        if (context.General.Root.Element("cpu")?.Element("topology") is not { } topology)
            return;
        _sockets = Part(topology, "sockets");
        _dies = topology.Attribute("dies") is null ? 1 : Part(topology, "dies");
        _cores = Part(topology, "cores");
        _threads = Part(topology, "threads");
        if ((long)_sockets * _dies * _cores * _threads != _maximum)
        {
            throw XmlFault.Unsupported(
                topology, $"{_sockets} sockets of {_dies} dies of {_cores} cores of {_threads} threads are not the {_maximum} virtual CPUs of the domain");
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) => arguments.Add("-smp", new OptionString()
        .With("cpus", _current).With("maxcpus", _maximum > _current ? _maximum : null)
        .With("sockets", _sockets).With("dies", _dies > 1 ? _dies : null).With("cores", _cores).With("threads", _threads));

    private void CheckList()
    {
        if (Context.General.Root.Element("vcpus") is not { } list)
            return;
        int enabled = list.Elements("vcpu").Count(vcpu => vcpu.Flag("enabled") ?? false);
        if (list.HasElements && enabled != _current)
            throw XmlFault.Invalid(list, $"{enabled} virtual CPUs are enabled, but the domain says {_current}");
    }

    private static int Part(XElement topology, string attribute) =>
        topology.Integer(attribute, 1, MaximumPart) ?? throw XmlFault.Invalid(topology, $"the attribute {attribute} is missing");
}
