using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>
/// A definition in libvirt's domain XML (https://libvirt.org/formatdomain.html): a typed view of the general part over the
/// element tree, so that whatever is not looked at survives from define to export. Drivers read the devices.
/// </summary>
public sealed class DomainDefinition
{
    /// <summary>The most virtual CPUs a definition may name.</summary>
    public const int MaximumVCpus = 4096;

    private DomainDefinition(XElement root) => Root = root;

    /// <summary>The <c>domain</c> element. Changes made here are part of the definition.</summary>
    public XElement Root { get; }

    /// <summary>The domain type: <c>kvm</c>, <c>qemu</c>, <c>test</c>.</summary>
    public string Type => (string)Root.Attribute("type")!;

    /// <summary>The name.</summary>
    public string Name
    {
        get => Root.Element("name")!.Value;
        set => SetText("name", value);
    }

    /// <summary>The identity.</summary>
    public Guid Uuid { get; private set; }

    /// <summary>The title, or null.</summary>
    public string? Title
    {
        get => Text("title");
        set => SetText("title", value);
    }

    /// <summary>The description, or null.</summary>
    public string? Description
    {
        get => Text("description");
        set => SetText("description", value);
    }

    /// <summary>The most memory, in bytes; <c>memory</c>.</summary>
    public long MaximumMemory
    {
        get => ScaledSize.Read(Root.Element("memory")!, "KiB");
        set => SetSize("memory", value);
    }

    /// <summary>The memory at start, in bytes; <c>currentMemory</c>, else (and where that is 0) <c>memory</c>.</summary>
    public long Memory
    {
        get => Root.Element("currentMemory") is { } current && ScaledSize.Read(current, "KiB") is > 0 and var size ? size : MaximumMemory;
        set => SetSize("currentMemory", value);
    }

    /// <summary>The most virtual CPUs; <c>vcpu</c>, 1 where it is absent.</summary>
    public int MaximumVCpu
    {
        get => Root.Element("vcpu") is { } vcpu ? Count(vcpu, vcpu.Value) : 1;
        set => Child("vcpu").Value = value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The virtual CPUs at start; the <c>current</c> attribute of <c>vcpu</c>, else all.</summary>
    public int VCpu
    {
        get => Root.Element("vcpu")?.Attribute("current") is { } current ? Count(current, current.Value) : MaximumVCpu;
        set
        {
            if (Root.Element("vcpu") is null)
                MaximumVCpu = 1;
            Child("vcpu").SetAttributeValue("current", value == MaximumVCpu ? null : value);
            VCpuEntries.Set(Root, value, MaximumVCpu);
        }
    }

    /// <summary>The os type: <c>hvm</c>.</summary>
    public string OsType => Root.Element("os")?.Element("type")?.Value.Trim() ?? "hvm";

    /// <summary>The guest architecture as given, or null.</summary>
    public string? Architecture => (string?)Root.Element("os")?.Element("type")?.Attribute("arch");

    /// <summary>The machine type as given, or null.</summary>
    public string? Machine => (string?)Root.Element("os")?.Element("type")?.Attribute("machine");

    /// <summary>The boot device classes in order; empty when none are given.</summary>
    public IReadOnlyList<string> BootOrder
    {
        get => [.. Root.Element("os")?.Elements("boot").Select(boot => (string?)boot.Attribute("dev") ?? "hd") ?? []];
        set
        {
            XElement os = Child("os");
            os.Elements("boot").Remove();
            os.Add(value.Select(device => new XElement("boot", new XAttribute("dev", device))));
        }
    }

    /// <summary>What the guest's power off does; libvirt's default is destroy.</summary>
    public LifecycleAction OnPoweroff
    {
        get => LifecycleActions.Read(Root.Element("on_poweroff"), LifecycleAction.Destroy);
        set => SetText("on_poweroff", LifecycleActions.Format(value));
    }

    /// <summary>What the guest's reboot does; libvirt's default is restart.</summary>
    public LifecycleAction OnReboot
    {
        get => LifecycleActions.Read(Root.Element("on_reboot"), LifecycleAction.Restart);
        set => SetText("on_reboot", LifecycleActions.Format(value));
    }

    /// <summary>What the guest's crash does; libvirt's default is destroy.</summary>
    public LifecycleAction OnCrash
    {
        get => LifecycleActions.Read(Root.Element("on_crash"), LifecycleAction.Destroy);
        set => SetText("on_crash", LifecycleActions.Format(value));
    }

    /// <summary>Parses and checks the general part; a missing uuid is generated and written into the tree.</summary>
    /// <param name="xml">The definition.</param>
    /// <param name="strict">Whether an element or attribute that the format does not know is an error.</param>
    /// <exception cref="Errors.VirtException">What is wrong, with line and element.</exception>
    public static DomainDefinition Parse(string xml, bool strict = false)
    {
        XElement root = SafeXml.Parse(xml, "domain");
        if (strict)
            DomainVocabulary.Check(root);
        return Adopt(root);
    }

    /// <summary>Checks the general part of a <c>domain</c> element that was read with <see cref="SafeXml"/>, and keeps the element.</summary>
    /// <exception cref="Errors.VirtException">What is wrong, with line and element.</exception>
    public static DomainDefinition Adopt(XElement root)
    {
        ArgumentNullException.ThrowIfNull(root);
        var definition = new DomainDefinition(root);
        definition.Check();
        return definition;
    }

    /// <summary>The child of the root with this name; where it is absent it is added, where libvirt's export has it.</summary>
    public XElement Section(string name) => Child(name);

    /// <summary>A copy that can be changed on its own.</summary>
    public DomainDefinition Clone() => new(new XElement(Root)) { Uuid = Uuid };

    /// <summary>The XML, indented by two spaces, without an XML declaration.</summary>
    public string ToXml() => SafeXml.Write(Root) + "\n";

    private void Check()
    {
        if (string.IsNullOrWhiteSpace((string?)Root.Attribute("type")))
            throw XmlFault.Invalid(Root, "the attribute type is missing", "Say type='kvm' or type='qemu'.");
        DomainName.Check(Root.Element("name")?.Value, Root.Element("name") ?? Root);
        if (Root.Element("memory") is null)
            MaximumMemory = MemoryOfCells() ?? throw XmlFault.Invalid(Root, "the element memory is missing");
        if (MaximumMemory <= 0)
            throw XmlFault.Invalid(Root.Element("memory")!, "memory must be more than zero");
        if (Memory > MaximumMemory)
            Memory = MaximumMemory;
        if (VCpu > MaximumVCpu)
            throw XmlFault.Invalid(Root.Element("vcpu")!, $"current ({VCpu}) is more than the maximum ({MaximumVCpu})");
        if (Text("title")?.Any(char.IsControl) == true)
            throw XmlFault.Invalid(Root.Element("title")!, "a title has one line and no control characters");
        _ = (OnPoweroff, OnReboot, OnCrash);
        DomainDevices.Check(Root);
        CheckUuid();
    }

    private long? MemoryOfCells()
    {
        long[] cells = [.. Root.Element("cpu")?.Element("numa")?.Elements("cell").Select(cell => ScaledSize.Read(cell, "memory", "KiB") ?? 0) ?? []];
        return cells.Length > 0 && cells.All(memory => memory is > 0 and < 1L << 50) ? cells.Sum() : null;
    }

    private void CheckUuid()
    {
        if (Text("uuid") is { } text)
        {
            if (!Guid.TryParseExact(text, "D", out Guid uuid) && !Guid.TryParseExact(text, "N", out uuid))
                throw XmlFault.Invalid(Root.Element("uuid")!, $"'{text}' is not a uuid");
            Uuid = uuid;
            Root.Element("uuid")!.Value = uuid.ToString("D");
            return;
        }

        Uuid = Guid.NewGuid();
        Root.Element("uuid")?.Remove();
        Root.Element("name")!.AddAfterSelf(new XElement("uuid", Uuid.ToString("D")));
    }

    private string? Text(string name) => Root.Element(name) is { } element && element.Value.Trim() is { Length: > 0 } text ? text : null;

    private void SetText(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            Root.Element(name)?.Remove();
        else
            Child(name).Value = value;
    }

    private void SetSize(string name, long bytes)
    {
        XElement element = Child(name);
        element.SetAttributeValue("unit", "KiB");
        element.Value = (bytes / 1024 + (bytes % 1024 == 0 ? 0 : 1)).ToString(CultureInfo.InvariantCulture);
    }

    private XElement Child(string name) => DomainElements.GetOrAdd(Root, name);

    private static int Count(XObject at, string text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= MaximumVCpus
            ? count
            : throw XmlFault.Invalid(at, $"'{text.Trim()}' is not a number of virtual CPUs (1 to {MaximumVCpus})");
}
