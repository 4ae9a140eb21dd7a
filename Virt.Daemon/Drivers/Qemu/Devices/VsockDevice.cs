using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>vsock</c>: sockets between host and guest, without a network. The guest's number is given, or chosen when it
/// starts.</summary>
internal sealed class VsockDevice : GuestDevice
{
    private readonly string _driver;
    private readonly bool _conventional;
    private readonly bool _automatic;
    private readonly VirtioOptions? _virtio;
    private uint? _cid;

    public VsockDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.ElementsBeforeSelf("vsock").Any())
            throw XmlFault.Invalid(element, "a guest has one vsock at most");
        element.SetDefault("model", "virtio");
        string model = element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional")!;
        _conventional = model == "virtio-transitional";
        _driver = VirtioOptions.Driver("vhost-vsock-pci", model);
        XElement? cid = element.Element("cid");
        _automatic = cid?.Flag("auto") ?? cid?.Attribute("address") is null;
        _cid = (uint?)cid?.Number("address", 0, uint.MaxValue) is > 0 and var number ? number : null;
        if (_cid is < VsockNumbers.First)
            throw XmlFault.Unsupported(cid!.Attribute("address")!, $"the numbers of guests begin with {VsockNumbers.First}");
        if (_cid is null && !_automatic)
            throw XmlFault.Invalid(cid!, "the attribute address is missing");
        _virtio = VirtioOptions.Read(element);
        context.RequireDevice(element, _driver);
        if (!File.Exists(VsockNumbers.Device))
            context.FailStart(element, $"the host has no '{VsockNumbers.Device}'", "Load its module: modprobe vhost_vsock");
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _conventional ? PciNeed.Conventional : PciNeed.Express;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        uint cid = _automatic ? VsockNumbers.FindFree(_cid) : _cid!.Value;
        _cid = cid;
        int descriptor = arguments.AddDescriptor(() => VsockNumbers.Open(cid));
        JsonObject device = NewDevice(_driver).With("guest-cid", cid).With("vhostfd", descriptor.ToString(CultureInfo.InvariantCulture));
        arguments.AddDevice(device.WithVirtio(_virtio));
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy)
    {
        if (_cid is not { } cid)
            return;
        XElement element = copy.GetOrAdd("cid");
        element.SetAttributeValue("auto", _automatic ? "yes" : "no");
        element.SetAttributeValue("address", cid);
    }

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => _cid = (uint?)live.Element("cid")?.Number("address", 0, uint.MaxValue) ?? _cid;

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("vsock");
}
