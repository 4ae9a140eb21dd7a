using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A volume of a storage pool; its path is looked up at each start.</summary>
internal sealed class VolumeStorage : DiskStorage
{
    private readonly XElement _source;
    private readonly string _pool;
    private readonly string _volume;
    private string? _path;

    public VolumeStorage(XElement source)
    {
        _source = source;
        _pool = source.Required("pool");
        _volume = source.Required("volume");
        _ = source.Choice("mode", "host", "direct");
    }

    /// <inheritdoc/>
    public override string? Path => _path;

    /// <inheritdoc/>
    public override bool CanPassThrough => true;

    /// <inheritdoc/>
    public override void Prepare(GuestPreparation host) => _path = host.Pools.Find(_pool, _volume);

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new JsonObject
        {
            ["driver"] = "file",
            ["filename"] = _path ?? (arguments.IsReadBack ? "" : null) ?? throw XmlFault.Unsupported(_source, $"the volume '{_volume}' of the pool '{_pool}' was not looked up"),
        }.With("aio", node.Driver.Aio);
}
