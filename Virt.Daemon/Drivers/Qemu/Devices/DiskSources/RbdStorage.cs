using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>An image of a Ceph cluster.</summary>
internal sealed class RbdStorage : NetworkStorage
{
    private readonly string _pool;
    private readonly string _image;
    private readonly string? _configuration;

    public RbdStorage(XElement layer, XElement source)
        : base(layer, source)
    {
        (_pool, _image) = SplitName();
        _configuration = source.Element("config")?.AbsolutePath("file");
    }

    /// <summary>The encryption that the cluster's library does, which is part of the storage; null without.</summary>
    public JsonObject? Encryption { get; set; }

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node)
    {
        JsonObject storage = new JsonObject { ["driver"] = "rbd" }.With("pool", _pool).With("image", _image)
            .With("snapshot", Source.Element("snapshot")?.Text("name")).With("conf", _configuration);
        if (Hosts.Count > 0)
            storage["server"] = new JsonArray([.. Hosts.Select(host => host.InetAddress())]);
        if (User is not null)
        {
            storage["user"] = User;
            storage["auth-client-required"] = new JsonArray("cephx", "none");
            storage.With("key-secret", AddSecret(arguments, node));
        }

        return storage.WithObject("encrypt", Encryption);
    }
}
