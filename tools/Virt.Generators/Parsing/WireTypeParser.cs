using Microsoft.CodeAnalysis;
using Virt.Generators.Model;

namespace Virt.Generators.Parsing;

/// <summary>Finds out how a type travels.</summary>
internal static class WireTypeParser
{
    /// <summary>The type as it travels; null, with the reason, when it cannot.</summary>
    public static WireType? Parse(ITypeSymbol type, out string reason)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            var inner = ParseCore(nullable.TypeArguments[0], out reason);
            return inner is null ? null : inner with { IsNullable = true };
        }

        bool isNullable = type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated };
        var wire = ParseCore(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated), out reason);
        return wire is null ? null : wire with { IsNullable = isNullable };
    }

    private static WireType? ParseCore(ITypeSymbol type, out string reason)
    {
        reason = "it is neither a scalar, an enum, bytes, a [Wire] record, an IReadOnlyList<T> nor an IReadOnlyDictionary<string, T>";
        string name = TypeNames.Full(type);
        if (Scalar(type) is { } read)
            return new(WireKind.Scalar, name, false, type.IsValueType, read);
        switch (type)
        {
            case INamedTypeSymbol { EnumUnderlyingType: { } underlying }:
                if (Scalar(underlying) is { } readUnderlying)
                    return new(WireKind.Enum, name, false, true, readUnderlying, new(WireKind.Scalar, TypeNames.Full(underlying), false, true));
                reason = "the underlying type of an enum must be int, uint, long or ulong";
                return null;
            case IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte }:
                return new(WireKind.ByteArray, name, false, false);
            case INamedTypeSymbol named when TypeNames.Attribute(named, TypeNames.WireAttribute) is not null:
                return new(WireKind.Record, name, false, named.IsValueType, name + "Codec");
            case INamedTypeSymbol { IsGenericType: true } generic:
                return ParseGeneric(generic, name, ref reason);
            default:
                return null;
        }
    }

    private static WireType? ParseGeneric(INamedTypeSymbol type, string name, ref string reason)
    {
        WireKind kind;
        switch (TypeNames.Metadata(type))
        {
            case "System.ReadOnlyMemory`1" when type.TypeArguments[0].SpecialType == SpecialType.System_Byte:
                return new(WireKind.Memory, name, false, true);
            case "System.Collections.Generic.IReadOnlyList`1":
                kind = WireKind.List;
                break;
            case "System.Collections.Generic.IReadOnlyDictionary`2" when type.TypeArguments[0].SpecialType == SpecialType.System_String:
                kind = WireKind.Map;
                break;
            default:
                return null;
        }

        var element = type.TypeArguments[type.TypeArguments.Length - 1];
        var wire = Parse(element, out string inner);
        if (wire is not null)
            return new(kind, name, false, false, Element: wire);
        reason = $"of its elements, {inner}";
        return null;
    }

    /// <summary>The reader's method for a scalar.</summary>
    private static string? Scalar(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => "ReadBoolean",
        SpecialType.System_Int32 => "ReadInt32",
        SpecialType.System_UInt32 => "ReadUInt32",
        SpecialType.System_Int64 => "ReadInt64",
        SpecialType.System_UInt64 => "ReadUInt64",
        SpecialType.System_Single => "ReadSingle",
        SpecialType.System_Double => "ReadDouble",
        SpecialType.System_String => "ReadString",
        _ => TypeNames.Metadata(type) switch
        {
            "System.Guid" => "ReadGuid",
            "System.DateTimeOffset" => "ReadTimestamp",
            "System.TimeSpan" => "ReadTimeSpan",
            _ => null,
        },
    };
}
