namespace Virt.Generators.Model;

/// <summary>The ways a type travels.</summary>
internal enum WireKind
{
    /// <summary>The writer and the reader have a method for it.</summary>
    Scalar,
    /// <summary>As its underlying integer.</summary>
    Enum,
    /// <summary><c>byte[]</c>.</summary>
    ByteArray,
    /// <summary><c>ReadOnlyMemory&lt;byte&gt;</c>.</summary>
    Memory,
    /// <summary>Through the codec of its <c>[Wire]</c> record.</summary>
    Record,
    /// <summary><c>IReadOnlyList&lt;T&gt;</c>.</summary>
    List,
    /// <summary><c>IReadOnlyDictionary&lt;string, T&gt;</c>.</summary>
    Map,
}

/// <summary>A type that travels.</summary>
/// <param name="Kind">How.</param>
/// <param name="Name">Its C# name from <c>global::</c> on, without the mark of nullability.</param>
/// <param name="IsNullable">Whether nil is a value of it.</param>
/// <param name="IsValueType">Whether it is a struct.</param>
/// <param name="Codec">Scalar: the reader's method; enum: the underlying type; record: the codec class.</param>
/// <param name="Element">List and map: what is inside.</param>
internal sealed record WireType(
    WireKind Kind, string Name, bool IsNullable, bool IsValueType, string Codec = "", WireType? Element = null)
{
    /// <summary>The C# name with the mark of nullability.</summary>
    public string FullName => IsNullable ? Name + "?" : Name;
}
