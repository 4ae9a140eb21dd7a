using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Virt.Generators;

namespace Virt.Tests.Core.Generators;

/// <summary>Runs the generator over a piece of source.</summary>
internal static class Compile
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(path) is "Virt.Core.dll" or "netstandard.dll" or "mscorlib.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Virt.Rpc;
        #nullable enable

        """;

    /// <summary>A compilation that may use the library's internals, as generated code does.</summary>
    public static CSharpCompilation Of(string source) => CSharpCompilation.Create(
        "Virt.Core.Tests",
        [CSharpSyntaxTree.ParseText(Usings + source, Options, "contract.cs", cancellationToken: TestContext.Current.CancellationToken)],
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new ContractGenerator().AsSourceGenerator()],
        parseOptions: Options,
        driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What the generator reports, in the order of the source.</summary>
    public static IReadOnlyList<Diagnostic> Report(string source)
    {
        var result = Driver().RunGenerators(Of(source), TestContext.Current.CancellationToken).GetRunResult();
        Assert.Null(Assert.Single(result.Results).Exception);
        return [.. result.Diagnostics.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
    }

    /// <summary>The source together with what is generated must compile without a warning.</summary>
    public static IReadOnlyDictionary<string, string> Clean(string source)
    {
        var driver = Driver().RunGeneratorsAndUpdateCompilation(
            Of(source), out var output, out var reported, TestContext.Current.CancellationToken);
        Assert.Empty(reported);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken).Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
        return driver.GetRunResult().Results.Single().GeneratedSources
            .ToDictionary(file => file.HintName, file => file.SourceText.ToString(), StringComparer.Ordinal);
    }
}
