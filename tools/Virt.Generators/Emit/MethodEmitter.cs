using Microsoft.CodeAnalysis.CSharp;
using Virt.Generators.Model;

namespace Virt.Generators.Emit;

/// <summary>The pieces that stubs, tables and guards share.</summary>
internal static class MethodEmitter
{
    public static string Declaration(ProcedureModel procedure) =>
        $"public virtual {procedure.ReturnName} {procedure.Method}({string.Join(", ", procedure.Parameters.Select(p => $"{p.TypeName} {Identifier(p.Name)}"))})";

    /// <summary>A name as code writes it: with an @ where it is a keyword.</summary>
    public static string Identifier(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary>The type the arguments have together.</summary>
    public static string TupleType(ProcedureModel procedure) => procedure.Arguments.Count switch
    {
        0 => "global::System.ValueTuple",
        1 => procedure.Arguments[0].Type.FullName,
        _ => $"({string.Join(", ", procedure.Arguments.Select(argument => argument.Type.FullName))})",
    };

    /// <summary>The arguments together.</summary>
    public static string Tuple(ProcedureModel procedure) => procedure.Arguments.Count switch
    {
        0 => "default(global::System.ValueTuple)",
        1 => Identifier(procedure.Arguments[0].Name),
        _ => $"({string.Join(", ", procedure.Arguments.Select(argument => Identifier(argument.Name)))})",
    };
}
