using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A file behind an SSH server (SFTP); keys come from the user's agent.</summary>
internal sealed class SshStorage(XElement layer, XElement source) : NetworkStorage(layer, source)
{
    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new JsonObject { ["driver"] = "ssh", ["path"] = Name(), ["server"] = Host().InetAddress() }.With("user", User);
}
