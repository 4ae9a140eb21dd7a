using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>os/type</c>: architecture and machine. An alias as <c>q35</c> becomes the machine it stands for today, so that a
/// newer QEMU does not change the guest.</summary>
internal sealed class MachineSection : GuestSection
{
    public MachineSection(GuestContext context)
        : base(context)
    {
        XElement os = context.General.Section("os");
        XElement type = os.Element("type") ?? new XElement("type");
        if (type.Parent is null)
            os.AddFirst(type);
        if (string.IsNullOrWhiteSpace(type.Value))
            type.Value = "hvm";
        if (type.Value.Trim() != "hvm")
            throw XmlFault.Unsupported(type, $"the os type '{type.Value.Trim()}' is not supported", "Use hvm.");
        string architecture = type.Text("arch") ?? context.Capabilities.Architecture;
        if (architecture != context.Capabilities.Architecture)
        {
            throw XmlFault.Unsupported(
                type, $"the emulator '{context.Capabilities.Emulator}' runs guests of architecture '{context.Capabilities.Architecture}', not '{architecture}'",
                "Name the emulator of that architecture, or install it.");
        }

        string? given = type.Text("machine");
        context.Machine = context.Capabilities.FindMachine(given)
            ?? throw XmlFault.Unsupported(
                type, $"the emulator '{context.Capabilities.Emulator}' has no machine '{given}'",
                "Get-VirtCapability lists the machines.");
        string name = context.Machine.Name;
        context.MachineKind = name switch
        {
            "isapc" => MachineKind.Isa,
            _ when name.Contains("q35", StringComparison.Ordinal) => MachineKind.Q35,
            _ when name.StartsWith("pc", StringComparison.Ordinal) => MachineKind.I440fx,
            _ => throw XmlFault.Unsupported(type, $"the machine '{name}' is not supported by this version", "Use 'q35' or 'pc'."),
        };
        type.SetAttributeValue("arch", architecture);
        type.SetAttributeValue("machine", name);
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        arguments.Machine = new OptionString(Context.Machine.Name).With("usb", false).With("dump-guest-core", DumpsMemory());
        arguments.Accelerator = new OptionString(Context.Accelerator == Accelerator.Kvm ? "kvm" : "tcg");
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) => arguments.Add("-uuid", Context.General.Uuid.ToString("D"));

    private bool DumpsMemory() => Context.General.Root.Element("memory")!.Flag("dumpCore") ?? false;
}
