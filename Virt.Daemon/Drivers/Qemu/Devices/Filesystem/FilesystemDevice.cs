using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// <c>filesystem</c>: a folder of the host in the guest, by 9p inside QEMU or by virtiofs through a process of its own. QEMU's
/// monitor cannot make the host's side of 9p, so only virtiofs can be plugged.
/// </summary>
internal sealed class FilesystemDevice : GuestDevice
{
    private readonly string _tag;
    private readonly NinepShare? _ninep;
    private readonly VirtiofsShare? _virtiofs;
    private readonly VirtioOptions? _virtio;

    public FilesystemDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if ((element.Choice("type", "mount", "template", "file", "block", "ram", "bind", "volume") ?? "mount") is not "mount" and var type)
            throw XmlFault.Unsupported(element, $"a filesystem of type '{type}' is not one of QEMU's", "Use type='mount'.");
        element.SetAttributeValue("type", "mount");
        _tag = element.Element("target")?.Text("dir") is { Length: > 0 } tag
            ? tag
            : throw XmlFault.Invalid(element, "the target needs the attribute dir, by which the guest mounts it");
        XElement? driver = element.Element("driver");
        string kind = driver?.Choice("type", "path", "handle", "loop", "nbd", "ploop", "virtiofs") ?? "path";
        if (kind is "loop" or "nbd" or "ploop")
            throw XmlFault.Unsupported(driver!, $"the driver '{kind}' is not one of QEMU's", "Use 'path' or 'virtiofs'.");
        if (kind == "handle")
            context.FailStart(driver!, "QEMU no longer has the driver 'handle'", "Use type='path'.");
        if (kind == "virtiofs")
            _virtiofs = new VirtiofsShare(element, context);
        else
            _ninep = new NinepShare(element, context);
        _virtio = VirtioOptions.Read(element);
    }

    /// <inheritdoc/>
    public override string? BootClass => _virtiofs is null ? null : "virtiofs";

    /// <inheritdoc/>
    public override PciNeed PciNeed => PciNeed.Express;

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources =>
        _virtiofs is { Socket: null } share ? [new VirtiofsProcess(share, Alias)] : [];

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_ninep is not null)
        {
            string id = $"fsdev-{Alias}";
            _ninep.AddTo(arguments, id);
            arguments.AddDevice(NewDevice(_ninep.Driver).With("fsdev", id).With("mount_tag", _tag).WithVirtio(_virtio));
            return;
        }

        string chardev = $"chr-vu-{Alias}";
        new CharacterOptions("socket", chardev)
            .WithAddress("addr", "unix", ("path", "path", _virtiofs!.Socket ?? VirtiofsProcess.SocketIn(arguments.Paths.RunFolder, Alias)))
            .WithMember("server", false).AddTo(arguments);
        arguments.AddDevice(NewDevice(VirtiofsShare.Driver).With("chardev", chardev).With("queue-size", _virtiofs.QueueSize)
            .With("tag", _tag).With("bootindex", BootIndex).WithVirtio(_virtio));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("fs");
}
