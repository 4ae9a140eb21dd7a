using Virt.Generators.Model;

namespace Virt.Generators.Emit;

/// <summary>The expressions that read and the statements that write a value of a type.</summary>
internal static class ValueEmitter
{
    /// <summary>An expression that reads the value.</summary>
    public static string Read(WireType type, string reader)
    {
        if (!type.IsNullable)
            return ReadPresent(type, reader);
        string cast = type.IsValueType ? $"({type.FullName})" : "";
        return $"({reader}.TryReadNil() ? null : {cast}{ReadPresent(type, reader)})";
    }

    /// <summary>A statement that writes the value.</summary>
    public static string Write(WireType type, string writer, string value) => type switch
    {
        { IsNullable: false } or { Kind: WireKind.Scalar, IsValueType: false } => WritePresent(type, writer, value),
        { IsValueType: true } =>
            $"if ({value}.HasValue) {WritePresent(type, writer, value + ".GetValueOrDefault()")} else {writer}.WriteNil();",
        _ => $"if ({value} is null) {writer}.WriteNil(); else {WritePresent(type, writer, value)}",
    };

    /// <summary>A <c>WireReader</c> of the type.</summary>
    public static string Reader(WireType type) => type is { Kind: WireKind.Record, IsNullable: false }
        ? $"{type.Codec}.Read"
        : $"static (ref PackReader r) => {Read(type, "r")}";

    /// <summary>A <c>WireWriter</c> of the type.</summary>
    public static string Writer(WireType type) => type is { Kind: WireKind.Record, IsNullable: false }
        ? $"{type.Codec}.Write"
        : $"static (ref PackWriter w, {type.FullName} v) => {{ {Write(type, "w", "v")} }}";

    /// <summary>An expression that reads a position of an array with that many elements.</summary>
    public static string ReadField(WireField field, int position, string owner)
    {
        string missing = field.Default
            ?? (field.Type.IsNullable || field.Type.IsValueType
                ? $"default({field.Type.FullName})"
                : $"throw WireArray.Missing(\"{owner}\", \"{field.Name}\")");
        return $"count > {position} ? {Read(field.Type, "r")} : {missing}";
    }

    private static string ReadPresent(WireType type, string reader) => type.Kind switch
    {
        WireKind.Enum => $"({type.Name}){reader}.{type.Codec}()",
        WireKind.ByteArray => $"{reader}.ReadBinary().ToArray()",
        WireKind.Memory => $"({type.Name}){reader}.ReadBinary().ToArray()",
        WireKind.Record => $"{type.Codec}.Read(ref {reader})",
        WireKind.List => $"WireCollection.ReadList<{type.Element!.FullName}>(ref {reader}, {Reader(type.Element)})",
        WireKind.Map => $"WireCollection.ReadMap<{type.Element!.FullName}>(ref {reader}, {Reader(type.Element)})",
        _ => $"{reader}.{type.Codec}()",
    };

    private static string WritePresent(WireType type, string writer, string value) => type.Kind switch
    {
        WireKind.Enum => $"{writer}.Write(({type.Element!.Name}){value});",
        WireKind.ByteArray => $"{writer}.WriteBinary({value});",
        WireKind.Memory => $"{writer}.WriteBinary({value}.Span);",
        WireKind.Record => $"{type.Codec}.Write(ref {writer}, {value});",
        WireKind.List => $"WireCollection.WriteList<{type.Element!.FullName}>(ref {writer}, {value}, {Writer(type.Element)});",
        WireKind.Map => $"WireCollection.WriteMap<{type.Element!.FullName}>(ref {writer}, {value}, {Writer(type.Element)});",
        _ => $"{writer}.Write({value});",
    };
}
