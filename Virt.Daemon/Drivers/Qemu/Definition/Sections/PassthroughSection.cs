using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>qemu:commandline</c>: arguments and environment that go to QEMU as they are, last;
/// <c>qemu:override</c>, and how QEMU treats what it deprecates.</summary>
internal sealed class PassthroughSection : GuestSection
{
    /// <summary>The namespace of libvirt's QEMU elements.</summary>
    public static readonly XNamespace Namespace = "http://libvirt.org/schemas/domain/qemu/1.0";

    private readonly List<DeviceOverride> _overrides = [];
    private readonly string? _deprecation;
    private readonly List<string> _arguments = [];
    private readonly List<(string Name, string Value)> _environment = [];

    public PassthroughSection(GuestContext context)
        : base(context)
    {
        if (context.General.Root.Element(Namespace + "capabilities") is { } capabilities)
            context.Warn(capabilities, "has no effect: what QEMU can do is what it says of itself");
        _deprecation = context.General.Root.Element(Namespace + "deprecation")?.Choice("behavior", "none", "omit", "reject", "crash");
        foreach (XElement device in context.General.Root.Element(Namespace + "override")?.Elements(Namespace + "device") ?? [])
            _overrides.Add(new DeviceOverride(device));
        XElement? commandLine = context.General.Root.Element(Namespace + "commandline");
        foreach (XElement argument in commandLine?.Elements(Namespace + "arg") ?? [])
        {
            string text = argument.Text("value") ?? throw XmlFault.Invalid(argument, "the attribute value is missing");
            if (PassthroughRules.Undoes(text))
                context.FailStart(argument, $"the option '{text}' changes what QEMU runs or as whom it runs, which virtd decides", "Remove it and its value.");
            _arguments.Add(text);
        }

        foreach (XElement variable in commandLine?.Elements(Namespace + "env") ?? [])
        {
            string name = variable.Required("name");
            if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]))
                throw XmlFault.Invalid(variable, $"'{name}' is not the name of an environment variable");
            if (PassthroughRules.LoadsCode(name))
                context.FailStart(variable, $"the variable '{name}' can name code that is loaded, and virtd runs only programs that it has chosen", "Remove the element.");
            _environment.Add((name, variable.Text("value") ?? ""));
        }
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        foreach (DeviceOverride change in _overrides)
            arguments.Override(change.Alias, change.Apply);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_deprecation is null or "none")
            return;
        arguments.Add("-compat", new OptionString().With("deprecated-output", "hide")
            .With("deprecated-input", _deprecation == "omit" ? null : _deprecation));
    }

    /// <summary>Writes what must come after all devices.</summary>
    public void AddLast(QemuArguments arguments)
    {
        foreach (string argument in _arguments)
            arguments.Add(argument);
        foreach ((string name, string value) in _environment)
            arguments.Environment[name] = value;
    }
}
