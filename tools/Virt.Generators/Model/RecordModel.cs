namespace Virt.Generators.Model;

/// <summary>A position of a record's array or of a call's argument array.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Default">The C# expression of its default, or null where it has none.</param>
internal sealed record WireField(string Name, WireType Type, string? Default);

/// <summary>A <c>[Wire]</c> record.</summary>
internal sealed record RecordModel(
    string Namespace, string Name, string FullName, string Accessibility, bool IsValueType, EquatableArray<WireField> Fields)
{
    /// <summary>The name of the generated class.</summary>
    public string CodecName => Name + "Codec";
}
