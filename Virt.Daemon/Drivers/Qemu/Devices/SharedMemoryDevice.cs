using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// <c>shmem</c>: memory that guests and the host share by its name in /dev/shm, or through an ivshmem server, which also passes
/// interrupts. The memory is nobody's own, so it stays when a guest ends.
/// </summary>
internal sealed class SharedMemoryDevice : GuestDevice
{
    private const long DefaultSize = 4 << 20;
    private const long LargestSize = 1L << 40;
    private const int DefaultVectors = 1;
    private readonly string _name;
    private readonly string _model;
    private readonly XElement? _server;
    private readonly XElement? _interrupts;
    private readonly long? _size;

    public SharedMemoryDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _name = element.Required("name");
        if (_name is "." or ".." || _name.Contains('/', StringComparison.Ordinal))
            throw XmlFault.Invalid(element.Attribute("name")!, $"'{_name}' is not the name of shared memory");
        XElement model = element.GetOrAdd("model");
        _model = model.Choice("type", "ivshmem", "ivshmem-plain", "ivshmem-doorbell") ?? "ivshmem";
        model.SetAttributeValue("type", _model);
        _server = element.Element("server");
        _interrupts = element.Element("msi");
        Check(element);
        string? role = element.Choice("role", "master", "peer");
        Master = role is null ? null : role == "master";
        if (element.Element("size") is { } size)
            _size = ReadSize(size);
        else if (_model == "ivshmem-plain")
            _size = DefaultSize;
        context.RequireDevice(model, _model);
    }

    /// <inheritdoc/>
    public override IEnumerable<GuestFile> Files => _model == "ivshmem-plain"
        ? [new GuestFile($"shared memory '{_name}'", PathOf(_name), FileNeed.Share) { IsMade = true, IsSharedMemory = true }]
        : [];

    /// <inheritdoc/>
    public override PciNeed PciNeed => PciNeed.Conventional;

    private bool? Master { get; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        JsonObject device = NewDevice(_model);
        if (_model == "ivshmem-plain")
        {
            string memory = $"shmmem-{Alias}";
            arguments.AddObject(JsonProperties.Object("memory-backend-file", memory).With("mem-path", PathOf(_name))
                .With("size", _size).With("share", true));
            device.With("memdev", memory);
        }
        else
        {
            XElement server = _server ?? throw XmlFault.Unsupported(
                Element, $"shared memory of model '{_model}' needs a server", "Use 'ivshmem-plain', or name a server.");
            string chardev = $"char{Alias}";
            new CharacterOptions("socket", chardev)
                .WithAddress("addr", "unix", ("path", "path", server.AbsolutePath("path") ?? $"/var/lib/libvirt/shmem-{_name}-sock"))
                .WithMember("server", false).AddTo(arguments);
            device.With("chardev", chardev).With("vectors", _interrupts?.Number("vectors", DefaultVectors, ushort.MaxValue))
                .With("ioeventfd", _interrupts?.Flag("ioeventfd") ?? true);
        }

        arguments.AddDevice(device.With("master", Master is { } master ? master ? "on" : "off" : null));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("shmem");

    private void Check(XElement element)
    {
        if (_model == "ivshmem-plain" && (_server ?? _interrupts) is { } odd)
            throw XmlFault.Unsupported(odd, "shared memory of model 'ivshmem-plain' has neither server nor interrupts", "Use 'ivshmem-doorbell'.");
        if (_model == "ivshmem-doorbell" && _server is null)
            throw XmlFault.Unsupported(element, "shared memory of model 'ivshmem-doorbell' needs a server");
        if (_model == "ivshmem-doorbell" && element.Element("size") is { } size)
            throw XmlFault.Unsupported(size, "the server says how large the memory is");
        if (_interrupts is not null && _server is null)
            throw XmlFault.Unsupported(_interrupts, "interrupts need a server");
        _ = _interrupts?.Flag("ioeventfd");
        _ = _interrupts?.Number("vectors", DefaultVectors, ushort.MaxValue);
        _ = _server?.AbsolutePath("path");
    }

    private static string PathOf(string name) => $"/dev/shm/{name}";

    private static long ReadSize(XElement element)
    {
        long size = ScaledSize.Read(element, "MiB");
        return size is >= 1 << 20 and <= LargestSize && (size & (size - 1)) == 0
            ? size
            : throw XmlFault.Invalid(element, "shared memory has a power of two MiB, at least 1");
    }
}
