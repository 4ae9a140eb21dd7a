using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Virt.Generators.Emit;
using Virt.Generators.Model;
using Virt.Generators.Parsing;

namespace Virt.Generators;

/// <summary>
/// From <c>[Wire]</c> records writes their codecs; from <c>[RpcContract]</c> interfaces their stubs, procedure tables and guards.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ContractGenerator : IIncrementalGenerator
{
    /// <summary>Names of the steps, by which tests see what is cached.</summary>
    internal const string RecordStep = "Records", ContractStep = "Contracts";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var records = context.SyntaxProvider.ForAttributeWithMetadataName(
            TypeNames.WireAttribute,
            static (node, _) => node is TypeDeclarationSyntax,
            static (found, cancel) => RecordParser.Parse((INamedTypeSymbol)found.TargetSymbol, cancel));
        var contracts = context.SyntaxProvider.ForAttributeWithMetadataName(
            TypeNames.ContractAttribute,
            static (node, _) => node is InterfaceDeclarationSyntax,
            static (found, cancel) => ContractParser.Parse((INamedTypeSymbol)found.TargetSymbol, found.Attributes[0], cancel));

        Report(context, records);
        Report(context, contracts);
        context.RegisterSourceOutput(
            contracts.SelectMany(static (parsed, _) => parsed.Numbers).Collect(), static (output, numbers) =>
            {
                foreach (var duplicate in DuplicateNumbers.Find(numbers))
                    output.ReportDiagnostic(duplicate);
            });

        // Without places in the source the models stay equal while code moves around them.
        context.RegisterSourceOutput(
            records.Select(static (parsed, _) => parsed.Model).WithTrackingName(RecordStep), static (output, record) =>
            {
                if (record is not null)
                    Add(output, record.Namespace, record.CodecName, CodecEmitter.Emit(record));
            });
        context.RegisterSourceOutput(
            contracts.Select(static (parsed, _) => parsed.Model).WithTrackingName(ContractStep), static (output, contract) =>
            {
                if (contract is null)
                    return;
                Add(output, contract.Namespace, contract.BaseName + "Stub", StubEmitter.Emit(contract));
                Add(output, contract.Namespace, contract.BaseName + "Procedures", ProceduresEmitter.Emit(contract));
                Add(output, contract.Namespace, contract.BaseName + "Guard", GuardEmitter.Emit(contract));
            });
    }

    private static void Report<T>(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<Parsed<T>> parsed)
        where T : class =>
        context.RegisterSourceOutput(parsed.SelectMany(static (one, _) => one.Diagnostics), static (output, diagnostic) =>
            output.ReportDiagnostic(diagnostic.ToDiagnostic()));

    private static void Add(SourceProductionContext output, string @namespace, string name, string text) =>
        output.AddSource($"{(@namespace.Length > 0 ? @namespace + "." : "")}{name}.g.cs", SourceText.From(text, Encoding.UTF8));
}
