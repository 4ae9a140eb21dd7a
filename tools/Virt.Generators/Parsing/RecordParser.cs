using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Virt.Generators.Model;

namespace Virt.Generators.Parsing;

/// <summary>Reads a <c>[Wire]</c> declaration.</summary>
internal static class RecordParser
{
    public static Parsed<RecordModel> Parse(INamedTypeSymbol type, CancellationToken cancel)
    {
        var diagnostics = new List<DiagnosticInfo>();
        if (Objection(type, cancel) is { } objection)
        {
            diagnostics.Add(DiagnosticInfo.Of(Diagnostics.NotPositional, LocationInfo.Of(type), type.Name, objection));
            return new(null, new([.. diagnostics]));
        }

        var fields = PrimaryConstructor(type, cancel)!.Parameters
            .Select(parameter => FieldParser.Parse(parameter, type.Name, diagnostics)).ToArray();
        var model = fields.Contains(null) ? null : new RecordModel(
            TypeNames.Namespace(type), type.Name, TypeNames.Full(type), TypeNames.Accessibility(type), type.IsValueType, new(fields!));
        return new(model, new([.. diagnostics]));
    }

    private static string? Objection(INamedTypeSymbol type, CancellationToken cancel)
    {
        if (!type.IsRecord)
            return "not a record";
        if (type.IsGenericType)
            return "generic";
        if (type.ContainingType is not null)
            return $"inside {type.ContainingType.Name}";
        if (type.IsAbstract)
            return "abstract";
        return PrimaryConstructor(type, cancel) is null ? "without parameters" : null;
    }

    private static IMethodSymbol? PrimaryConstructor(INamedTypeSymbol type, CancellationToken cancel) =>
        type.InstanceConstructors.FirstOrDefault(constructor => constructor.DeclaringSyntaxReferences
            .Any(reference => reference.GetSyntax(cancel) is RecordDeclarationSyntax { ParameterList: not null }));
}
