using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Definition.Memory;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;
using Virt.Daemon.Drivers.Qemu.Qmp;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>memory</c>: memory that can be plugged and unplugged (<c>dimm</c>), that outlives the guest (<c>nvdimm</c>,
/// <c>virtio-pmem</c>), or of which the guest takes a part (<c>virtio-mem</c>).</summary>
internal sealed class MemoryDevice : GuestDevice, IPostStart
{
    private readonly MemoryDeviceTarget _target;
    private readonly MemoryDeviceSource _source;
    private readonly string? _access;
    private readonly bool? _discard;
    private long? _base;
    private long? _current;

    public MemoryDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Model = element.Choice("model", "dimm", "nvdimm", "virtio-pmem", "virtio-mem", "sgx-epc")
            ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        _access = element.Choice("access", "shared", "private");
        _discard = element.Flag("discard");
        _target = MemoryDeviceTarget.Read(element, Model, context);
        if (Model == "sgx-epc")
        {
            context.FailStart(element, $"{context.Capabilities.Emulator} {context.Capabilities.Version} has no SGX memory");
            _source = new MemoryDeviceSource(null, false, null, null, null);
            return;
        }

        _source = MemoryDeviceSource.Read(element, Model);
        context.RequireDevice(element, Driver);
        Check();
        if (IsDimm)
            TakeSlot();
    }

    /// <summary><c>dimm</c>, <c>nvdimm</c>, <c>virtio-pmem</c>, <c>virtio-mem</c>, <c>sgx-epc</c>.</summary>
    public string Model { get; }

    /// <summary>The slot of a dimm; it is part of its alias.</summary>
    public int? Slot { get; private set; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => Model is "virtio-pmem" or "virtio-mem" ? PciNeed.Express : PciNeed.None;

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources
    {
        get
        {
            if (_source is not { PageSize: null, HostNodes: null })
                yield return new HostMemoryCheck([.. _source.HostNodes?.Members ?? []], _source.PageSize is { } size && size != Environment.SystemPageSize ? [size] : []);
            // A guest that an earlier virtd started may have none yet.
            if (Context.Memory.Backing.IsInFiles)
                yield return new MemoryFolder();
        }
    }

    private bool IsDimm => Model is "dimm" or "nvdimm";

    private string Driver => Model switch { "dimm" => "pc-dimm", "nvdimm" => "nvdimm", var virtio => virtio + "-pci" };

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Model == "sgx-epc")
            return;
        string memory = "mem" + Alias;
        arguments.AddObject(new MemoryBackend(memory, _target.Size, _target.Cell)
        {
            Path = _source.Path, IsPersistent = _source.IsPersistent || Model == "virtio-pmem", IsPartial = Model == "virtio-mem",
            Alignment = _source.Alignment, Access = _access, Discard = _discard, PageSize = _source.PageSize, HostNodes = _source.HostNodes,
        }.ToJson(Context.Memory, Context.Host.MemoryOf(Context.General.Uuid)));
        JsonObject device = NewDevice(Driver).With("memdev", memory).With("label-size", _target.Label).With("block-size", _target.Block)
            .With("requested-size", _target.Requested).With("unarmed", _target.IsReadOnly ? true : null)
            .With("prealloc", Model == "virtio-mem" && Context.Memory.Backing.IsImmediate ? true : null);
        if (Model != "virtio-pmem")
            device.With("node", _target.Cell);
        if (IsDimm)
            device.With("slot", Slot).With("addr", Element.Element("address")?.Number("base", 1, long.MaxValue));
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart()
    {
        if (IsDimm || Model == "virtio-mem")
            yield return new PostStartCommand("query-memory-devices", Reply: Note);
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy)
    {
        if (IsDimm && _base is { } place)
            copy.Element("address")?.SetAttributeValue("base", $"0x{place:x}");
        if (Model == "virtio-mem" && _current is { } current)
        {
            XElement target = copy.Element("target")!;
            target.Elements("current").Remove();
            target.Add(new XElement("current", new XAttribute("unit", "KiB"), current >> 10));
        }
    }

    /// <inheritdoc/>
    public override void ReadLive(XElement live)
    {
        _base = IsDimm ? live.Element("address")?.Number("base", 0, long.MaxValue) : null;
        _current = Model == "virtio-mem" && live.Element("target")?.Element("current") is { } current ? ScaledSize.Read(current, "KiB") : null;
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => IsDimm && Slot is { } slot
        ? string.Create(CultureInfo.InvariantCulture, $"{Model}{slot}")
        : aliases.Next(Model.Replace("-", "", StringComparison.Ordinal));

    private void Check()
    {
        string? address = Element.Element("address")?.Text("type");
        if (address is not null && address != (IsDimm ? "dimm" : "pci"))
            throw XmlFault.Unsupported(Element.Element("address")!, $"a memory device '{Model}' has an address of type '{(IsDimm ? "dimm" : "pci")}'");
        if (_source.Path is not null && _discard == true)
            throw XmlFault.Unsupported(Element, $"a memory device '{Model}' cannot be discarded");
        if (Model == "virtio-pmem" && _access != "shared")
            throw XmlFault.Unsupported(Element, "a memory device 'virtio-pmem' needs access='shared'");
        if (Model == "virtio-pmem" && _target.Cell is not null)
            throw XmlFault.Unsupported(Element, "a memory device 'virtio-pmem' belongs to no NUMA cell");
        if (Element.Element("uuid") is { } uuid)
            throw XmlFault.Unsupported(uuid, "on x86 an NVDIMM has no uuid");
        if (Context.Memory.Maximum == 0)
            Context.FailStart(Element, "a domain with memory devices needs maxMemory", "Add <maxMemory slots='16' unit='GiB'>16</maxMemory>.");
        else if (Model != "virtio-pmem" && Context.Memory.Cells.Count > 0 && _target.Cell is null)
            Context.FailStart(Element.Element("target")!, "the element node is missing: the guest has NUMA cells");
    }

    private void TakeSlot()
    {
        if (Element.Element("address")?.Integer("slot", 0, 255) is { } given)
        {
            if (Context.Of<MemoryDevice>().Any(other => other.Slot == given))
                throw XmlFault.Unsupported(Element.Element("address")!, $"two memory devices have the slot {given}");
            Slot = given;
        }
        else
        {
            HashSet<int> taken = [.. Element.Parent!.Elements("memory").Elements("address").Select(address => address.Integer("slot", 0, 255) ?? -1)];
            Slot = Enumerable.Range(0, taken.Count + 1).First(slot => !taken.Contains(slot));
            XElement address = Element.GetOrAdd("address");
            address.SetAttributeValue("type", "dimm");
            address.SetAttributeValue("slot", Slot);
        }

        if (Context.Memory.Maximum > 0 && Slot >= Context.Memory.Slots)
            Context.FailStart(Element, $"the memory device has the slot {Slot}, and the domain only {Context.Memory.Slots} (maxMemory slots)");
    }

    private void Note(JsonElement reply)
    {
        foreach (JsonElement device in reply.ItemsOrNone())
        {
            if (device.Find("data") is not { } data || data.FindText("id") != Alias)
                continue;
            if (IsDimm && data.FindNumber("addr") is { } address)
                _base = address;
            if (!IsDimm && data.FindNumber("size") is { } bytes)
                _current = bytes;
        }
    }
}
