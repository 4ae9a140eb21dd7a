using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A file or block device of the host.</summary>
internal sealed class FileStorage : DiskStorage
{
    private readonly bool _isBlock;
    private readonly XElement _source;
    private readonly Reservations? _reservations;

    public FileStorage(XElement source, bool isBlock)
    {
        _isBlock = isBlock;
        _source = source;
        string attribute = isBlock ? "dev" : "file";
        Path = source.AbsolutePath(attribute) ?? throw XmlFault.Invalid(source, $"the attribute {attribute} is missing");
        if (isBlock)
            _reservations = Reservations.Read(source);
    }

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override bool CanPassThrough => _isBlock;

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node)
    {
        if (_source.Attribute("fdgroup") is { } group)
        {
            throw XmlFault.Unsupported(
                group, $"no descriptors were handed over under the name '{group.Value}'", "Remove fdgroup, so that the file is opened by its path.");
        }

        string driver = !_isBlock ? "file" : node.Kind == "cdrom" ? "host_cdrom" : "host_device";
        return new JsonObject { ["driver"] = driver, ["filename"] = Path }.With("aio", node.Driver.Aio)
            .With("pr-manager", _reservations?.AddTo(arguments, node.Name));
    }
}
