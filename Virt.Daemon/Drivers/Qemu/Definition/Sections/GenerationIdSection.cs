using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>genid</c>: a number by which the guest notices that it was restored or copied.</summary>
internal sealed class GenerationIdSection : GuestSection
{
    private readonly Guid? _id;

    public GenerationIdSection(GuestContext context)
        : base(context)
    {
        if (context.General.Root.Element("genid") is not { } element)
            return;
        context.RequireDevice(element, "vmgenid");
        if (string.IsNullOrWhiteSpace(element.Value))
            element.Value = Guid.NewGuid().ToString("D");
        _id = Guid.TryParse(element.Value.Trim(), out Guid id)
            ? id
            : throw XmlFault.Invalid(element, $"'{element.Value.Trim()}' is not a uuid");
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_id is { } id)
            arguments.AddDevice(JsonProperties.Device("vmgenid", "vmgenid0").With("guid", id.ToString("D")));
    }
}
