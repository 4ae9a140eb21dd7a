using System.Text;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Drivers.Test;

/// <summary>A definition that does not change: its XML in compact form, and what is asked for often.</summary>
internal sealed class TestDefinition
{
    private const string AgentChannel = "org.qemu.guest_agent.0";

    private readonly byte[] _xml;

    private TestDefinition(DomainDefinition definition)
    {
        XElement root = definition.Root;
        _xml = Encoding.UTF8.GetBytes(SafeXml.Write(root, indented: false));
        Name = definition.Name;
        Uuid = definition.Uuid;
        Title = definition.Title;
        Description = definition.Description;
        Memory = definition.Memory;
        MaximumMemory = definition.MaximumMemory;
        VCpu = definition.VCpu;
        MaximumVCpu = definition.MaximumVCpu;
        Type = definition.Type;
        Architecture = definition.Architecture ?? "x86_64";
        Machine = definition.Machine ?? "test";
        OnPoweroff = definition.OnPoweroff;
        OnReboot = definition.OnReboot;
        HasAcpi = root.Elements("features").Elements("acpi").Any();
        XElement[] devices = [.. root.Elements("devices").Elements()];
        HasAgent = devices.Any(d => d.Name.LocalName == "channel" && (string?)d.Element("target")?.Attribute("name") == AgentChannel);
        Disks = [.. devices.Where(d => d.Name.LocalName == "disk").Select((d, i) => TestDisk.Read(d, i))];
        Interfaces = [.. devices.Where(d => d.Name.LocalName == "interface").Select((d, i) => TestInterface.Read(d, i))];
    }

    public string Name { get; }

    public Guid Uuid { get; }

    public string? Title { get; }

    public string? Description { get; }

    public long Memory { get; }

    public long MaximumMemory { get; }

    public int VCpu { get; }

    public int MaximumVCpu { get; }

    public string Type { get; }

    public string Architecture { get; }

    public string Machine { get; }

    public LifecycleAction OnPoweroff { get; }

    public LifecycleAction OnReboot { get; }

    /// <summary>Whether the guest hears the power button.</summary>
    public bool HasAcpi { get; }

    /// <summary>Whether there is a channel for the guest agent; the simulated guest then runs one.</summary>
    public bool HasAgent { get; }

    public IReadOnlyList<TestDisk> Disks { get; }

    public IReadOnlyList<TestInterface> Interfaces { get; }

    public static TestDefinition From(DomainDefinition definition) => new(definition);

    /// <summary>A copy that can be changed and formatted.</summary>
    public DomainDefinition Parse() => DomainDefinition.Parse(Encoding.UTF8.GetString(_xml));

    /// <summary>Whether both say the same.</summary>
    public bool IsSame(TestDefinition other) => _xml.AsSpan().SequenceEqual(other._xml);
}
