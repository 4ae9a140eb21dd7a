using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>parallel</c>: a parallel port on ISA.</summary>
internal sealed class ParallelDevice : GuestDevice, ICharacterDevice
{
    private const int MaximumPort = 2;
    private readonly int _port;

    public ParallelDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Backend = new CharacterBackend(element, context);
        context.RequireDevice(element, "isa-parallel");
        XElement target = element.GetOrAdd("target");
        _port = target.Integer("port", 0, int.MaxValue)
            ?? context.Of<ParallelDevice>().Select(other => other._port).DefaultIfEmpty(-1).Max() + 1;
        if (_port > MaximumPort || context.Of<ParallelDevice>().Any(other => other._port == _port))
            context.FailStart(target, $"a machine has the parallel ports 0 to {MaximumPort}, each once");
        target.SetAttributeValue("port", _port);
    }

    /// <inheritdoc/>
    public CharacterBackend Backend { get; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string chardev = Backend.AddTo(arguments, Alias);
        arguments.AddDevice(NewDevice("isa-parallel").With("chardev", chardev).With("index", _port));
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => Backend.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => Backend.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("parallel");
}
