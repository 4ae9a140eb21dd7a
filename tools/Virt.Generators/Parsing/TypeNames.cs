using Microsoft.CodeAnalysis;

namespace Virt.Generators.Parsing;

/// <summary>Names of types as generated code writes them.</summary>
internal static class TypeNames
{
    public const string WireAttribute = "Virt.Rpc.WireAttribute";
    public const string ContractAttribute = "Virt.Rpc.RpcContractAttribute";
    public const string ProcedureAttribute = "Virt.Rpc.ProcedureAttribute";
    public const string RequiresAccessAttribute = "Virt.Rpc.RequiresAccessAttribute";
    public const string Stream = "Virt.Streams.VirtStream";

    private static readonly SymbolDisplayFormat Plain = SymbolDisplayFormat.FullyQualifiedFormat;

    private static readonly SymbolDisplayFormat Annotated = Plain.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>From <c>global::</c> on, with the marks of nullability.</summary>
    public static string Full(ITypeSymbol type) => type.ToDisplayString(Annotated);

    /// <summary>The metadata name with namespace, as <c>System.Collections.Generic.IReadOnlyList`1</c>.</summary>
    public static string Metadata(ITypeSymbol type) =>
        type.ContainingType is null ? type.ContainingNamespace?.ToDisplayString() + "." + type.MetadataName : "";

    public static AttributeData? Attribute(ISymbol symbol, string name) => symbol.GetAttributes()
        .FirstOrDefault(attribute => attribute.AttributeClass is { } type && Metadata(type) == name);

    public static string Accessibility(INamedTypeSymbol type) =>
        type.DeclaredAccessibility == Microsoft.CodeAnalysis.Accessibility.Public ? "public" : "internal";

    public static string Namespace(INamedTypeSymbol type) =>
        type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
}
