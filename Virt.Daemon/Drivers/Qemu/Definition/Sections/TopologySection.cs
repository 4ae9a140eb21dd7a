using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>vcpu</c>, <c>vcpus</c> and <c>cpu/topology</c>: how many processors, and how they are grouped.</summary>
internal sealed class TopologySection : GuestSection
{
    private const int MaximumPart = 4096;
    private readonly int _current;
    private readonly VCpuList? _list;
    private readonly int _maximum;
    private readonly int _sockets;
    private readonly int _dies = 1;
    private readonly int _cores = 1;
    private readonly int _threads = 1;

    public TopologySection(GuestContext context)
        : base(context)
    {
        _maximum = context.General.MaximumVCpu;
        _sockets = _maximum;
        XElement vcpu = context.General.Section("vcpu");
        if (string.IsNullOrWhiteSpace(vcpu.Value))
            vcpu.Value = "1";
        vcpu.SetDefault("placement", "static");
        if (_maximum > context.Machine.MaximumVCpu)
            throw XmlFault.Unsupported(
                vcpu,
                $"the machine '{context.Machine.Name}' has at most {context.Machine.MaximumVCpu} virtual CPUs, not {_maximum}");
        _list = VCpuList.Read(context.General);
        _current = context.General.VCpu;
        if (context.General.Root.Element("cpu")?.Element("topology") is not { } topology)
            return;
        _sockets = Part(topology, "sockets");
        if (topology.Integer("clusters", 1, MaximumPart) > 1)
            context.FailStart(topology, "x86 machines have no clusters");
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
    public override void AddTo(QemuArguments arguments)
    {
        int boot = _current - (_list?.Plugged.Count ?? 0);
        arguments.Add("-smp", new OptionString().With("cpus", boot).With("maxcpus", _maximum > boot ? _maximum : null)
            .With("sockets", _sockets).With("dies", _dies > 1 ? _dies : null).With("cores", _cores).With("threads", _threads));
        foreach (int number in _list?.Plugged ?? [])
            arguments.AddPostStart(new PostStartCommand("device_add", Plug(number)));
    }

    private JsonObject Plug(int number) => JsonProperties.Device(
        $"{Context.CpuModel}-{Context.Capabilities.Architecture}-cpu", string.Create(CultureInfo.InvariantCulture, $"vcpu{number}"))
        .With("socket-id", number / (_dies * _cores * _threads)).With("die-id", number / (_cores * _threads) % _dies)
        .With("core-id", number / _threads % _cores).With("thread-id", number % _threads);

    private static int Part(XElement topology, string attribute) =>
        topology.Integer(attribute, 1, MaximumPart) ?? throw XmlFault.Invalid(topology, $"the attribute {attribute} is missing");
}
