using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Virt.Generators.Model;

namespace Virt.Generators.Parsing;

/// <summary>What a call's arguments say about the access it needs and the object it is about.</summary>
internal static class AccessParser
{
    /// <summary>The members of an argument's enum that need more access.</summary>
    public static IEnumerable<GateModel> Gates(IParameterSymbol parameter)
    {
        if (Enum(parameter.Type) is not { } type)
            yield break;
        bool flags = TypeNames.Attribute(type, "System.FlagsAttribute") is not null;
        foreach (var (member, access) in Gated(type))
            yield return new(parameter.Name, $"{TypeNames.Full(type)}.{member.Name}", flags, Expression(access));
    }

    /// <summary>The member of a record inside an argument that nobody would check; null where there is none.</summary>
    public static string? Unchecked(ITypeSymbol type, int depth = 0)
    {
        if (depth > 8 || Enum(type) is not null)
            return null;
        if (type is INamedTypeSymbol { IsGenericType: true } generic)
            return generic.TypeArguments.Select(argument => Nested(argument, depth + 1)).FirstOrDefault(found => found is not null);
        return TypeNames.Attribute(type, TypeNames.WireAttribute) is null
            ? null
            : Fields(type).Select(field => Nested(field.Type, depth + 1)).FirstOrDefault(found => found is not null);
    }

    /// <summary>The argument that names the object a procedure is about, as C# expression.</summary>
    public static string? Subject(string? kind, IReadOnlyList<IParameterSymbol> arguments)
    {
        if (kind is null)
            return null;
        var places = arguments.SelectMany((argument, i) =>
            new[] { (Parameter: argument, Position: i, Field: (int?)null) }
                .Concat(Fields(argument.Type).Select((field, j) => (Parameter: field, Position: i, Field: (int?)j)))).ToArray();
        foreach (bool isUuid in new[] { true, false })
        {
            foreach (var (parameter, position, field) in places)
            {
                if (isUuid ? TypeNames.Metadata(parameter.Type) == "System.Guid" : IsName(parameter))
                    return $"new(\"{kind}\", {position}, {(isUuid ? "true" : "false")}{(field is { } inner ? $", {inner}" : "")})";
            }
        }

        return null;
    }

    /// <summary>An access class as C# expression: its member, or its number where it is several.</summary>
    public static string Expression(TypedConstant access)
    {
        string type = TypeNames.Full(access.Type!);
        var member = access.Type!.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => Equals(field.ConstantValue, access.Value));
        return member is null ? $"({type})({access.Value})" : $"{type}.{member.Name}";
    }

    private static bool IsName(IParameterSymbol parameter) =>
        parameter.Type.SpecialType == SpecialType.System_String
        && parameter.Name.ToUpperInvariant() is "NAME" or "PATH";

    private static string? Nested(ITypeSymbol type, int depth) => Enum(type) is { } found
        ? Gated(found).Select(gate => $"{found.Name}.{gate.Member.Name}").FirstOrDefault()
        : Unchecked(type, depth);

    private static IEnumerable<(IFieldSymbol Member, TypedConstant Access)> Gated(INamedTypeSymbol type) =>
        from member in type.GetMembers().OfType<IFieldSymbol>()
        let attribute = TypeNames.Attribute(member, TypeNames.RequiresAccessAttribute)
        where attribute is { ConstructorArguments.Length: 1 }
        select (member, attribute.ConstructorArguments[0]);

    private static INamedTypeSymbol? Enum(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        return type is INamedTypeSymbol { TypeKind: TypeKind.Enum } found ? found : null;
    }

    private static ImmutableArray<IParameterSymbol> Fields(ITypeSymbol type) =>
        TypeNames.Attribute(type, TypeNames.WireAttribute) is not null && type is INamedTypeSymbol record
            ? record.InstanceConstructors.OrderByDescending(constructor => constructor.Parameters.Length).First().Parameters
            : [];
}
