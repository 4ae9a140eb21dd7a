using System.Text;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>A definition as it is kept: the XML's bytes, and of its content only what lists show.</summary>
/// <param name="Name">The domain's name.</param>
/// <param name="Uuid">Its identity.</param>
/// <param name="Utf8">The XML.</param>
/// <param name="Memory">Memory at start, in bytes.</param>
/// <param name="MaximumMemory">The most memory, in bytes.</param>
/// <param name="VCpu">Virtual CPUs at start.</param>
/// <param name="MaximumVCpu">The most virtual CPUs.</param>
/// <param name="Title">Its title, or null.</param>
/// <param name="Description">Its description, or null.</param>
/// <param name="Type">The accelerator.</param>
/// <param name="Architecture">The guest's architecture.</param>
/// <param name="Machine">The machine type.</param>
internal sealed record StoredDefinition(
    string Name, Guid Uuid, byte[] Utf8, long Memory, long MaximumMemory, int VCpu, int MaximumVCpu, string? Title, string? Description,
    string Type, string Architecture, string Machine)
{
    /// <summary>Takes what is kept from a definition.</summary>
    public static StoredDefinition From(DomainDefinition definition) => new(
        definition.Name, definition.Uuid, Encoding.UTF8.GetBytes(definition.ToXml()), definition.Memory, definition.MaximumMemory,
        definition.VCpu, definition.MaximumVCpu, definition.Title, definition.Description, string.Intern(definition.Type),
        string.Intern(definition.Architecture ?? "x86_64"), string.Intern(definition.Machine ?? "pc"));

    /// <summary>Takes what is kept from a definition's text.</summary>
    public static StoredDefinition FromXml(string xml) => From(DomainDefinition.Parse(xml));

    /// <summary>The XML's text.</summary>
    public string Xml => Encoding.UTF8.GetString(Utf8);

    /// <summary>The whole definition, read anew.</summary>
    public DomainDefinition Parse() => DomainDefinition.Parse(Xml);

    /// <summary>A record with what comes from the definition in place.</summary>
    public DomainRecord Describe(DomainRecord record) => record with
    {
        Name = Name, Uuid = Uuid, Memory = Memory, MaximumMemory = MaximumMemory, VCpu = VCpu, MaximumVCpu = MaximumVCpu, Title = Title,
        Description = Description, Type = Type, Architecture = Architecture, Machine = Machine,
    };
}
