using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>qemu:commandline</c>: arguments and environment that go to QEMU as they are, last.</summary>
internal sealed class PassthroughSection : GuestSection
{
    /// <summary>The namespace of libvirt's QEMU elements.</summary>
    public static readonly XNamespace Namespace = "http://libvirt.org/schemas/domain/qemu/1.0";

    private readonly List<string> _arguments = [];
    private readonly List<(string Name, string Value)> _environment = [];

    public PassthroughSection(GuestContext context)
        : base(context)
    {
        if (context.General.Root.Element(Namespace + "override") is { } changed)
            throw XmlFault.Unsupported(changed, "it is not supported by this version");
        if (context.General.Root.Element(Namespace + "deprecation") is { } deprecation)
            context.Warn(deprecation, "has no effect");
        XElement? commandLine = context.General.Root.Element(Namespace + "commandline");
        foreach (XElement argument in commandLine?.Elements(Namespace + "arg") ?? [])
            _arguments.Add(argument.Text("value") ?? throw XmlFault.Invalid(argument, "the attribute value is missing"));
        foreach (XElement variable in commandLine?.Elements(Namespace + "env") ?? [])
        {
            string name = variable.Required("name");
            if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]))
                throw XmlFault.Invalid(variable, $"'{name}' is not the name of an environment variable");
            _environment.Add((name, variable.Text("value") ?? ""));
        }
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
