using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>Protocols that older versions of QEMU had: <c>sheepdog</c> until 5.2, <c>vxhs</c> until 5.1. Definitions keep them.</summary>
internal sealed class RetiredStorage : NetworkStorage
{
    public RetiredStorage(XElement layer, XElement source)
        : base(layer, source) => _ = Name();

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) => throw XmlFault.Unsupported(
        Source.Attribute("protocol")!, $"QEMU has no disk over {Protocol} any more", "Move the image to another storage.");
}
