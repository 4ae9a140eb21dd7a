using Microsoft.CodeAnalysis;
using Virt.Generators.Model;

namespace Virt.Generators.Parsing;

/// <summary>Reads an <c>[RpcContract]</c> declaration.</summary>
internal static class ContractParser
{
    public static Parsed<ContractModel> Parse(INamedTypeSymbol type, AttributeData contract, CancellationToken cancel)
    {
        var diagnostics = new List<DiagnosticInfo>();
        int program = Number(contract, 0);
        int version = Number(contract, 1);
        string? subject = contract.NamedArguments.FirstOrDefault(argument => argument.Key == "Subject").Value.Value as string;
        if (type.IsGenericType || type.ContainingType is not null)
            diagnostics.Add(BadMember(type, type.Name, type.IsGenericType ? "generic" : "inside another type"));

        bool disposable = false;
        foreach (var extended in type.AllInterfaces)
        {
            if (TypeNames.Metadata(extended) == "System.IAsyncDisposable")
                disposable = true;
            else
                diagnostics.Add(BadMember(type, type.Name, $"an interface that extends {extended.Name}"));
        }

        var procedures = new List<ProcedureModel>();
        var numbers = new List<ProcedureNumber>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in type.GetMembers())
        {
            cancel.ThrowIfCancellationRequested();
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, IsGenericMethod: false, IsStatic: false } method)
            {
                if (ProcedureParser.Parse(method, subject, diagnostics) is not { } procedure)
                    continue;
                if (!names.Add(procedure.Name))
                    diagnostics.Add(DiagnosticInfo.Of(Diagnostics.DuplicateName, LocationInfo.Of(method), procedure.Name, type.Name));
                procedures.Add(procedure);
                numbers.Add(new(program, version, procedure.Number, type.Name, method.Name, LocationInfo.Of(method)));
            }
            else if (member is not IMethodSymbol { AssociatedSymbol: not null })
            {
                diagnostics.Add(BadMember(member, $"{type.Name}.{member.Name}", member is IMethodSymbol
                    ? "a generic or static method" : "not a method"));
            }
        }

        var model = diagnostics.Count > 0 ? null : new ContractModel(
            TypeNames.Namespace(type), type.Name, TypeNames.Full(type), TypeNames.Accessibility(type), program, version, disposable,
            new([.. procedures]));
        return new(model, new([.. diagnostics]), new([.. numbers]));
    }

    /// <summary>An attribute's argument; 0 where the compiler has refused it already.</summary>
    private static int Number(AttributeData attribute, int position) =>
        attribute.ConstructorArguments.Length > position && attribute.ConstructorArguments[position].Value is int number ? number : 0;

    private static DiagnosticInfo BadMember(ISymbol symbol, string name, string what) =>
        DiagnosticInfo.Of(Diagnostics.BadMember, LocationInfo.Of(symbol), name, what);
}
