using Virt.Generators.Model;

namespace Virt.Generators.Emit;

/// <summary>Writes <c>FooGuard</c>, the contract IFoo behind a check of access.</summary>
internal static class GuardEmitter
{
    public static string Emit(ContractModel contract)
    {
        var file = new SourceFile(contract.Namespace);
        file.Line($"/// <summary>Forwards the calls of <see cref=\"{contract.FullName}\"/> that are allowed and denies the others.</summary>");
        file.Line("/// <param name=\"inner\">Who answers them.</param>");
        file.Line("/// <param name=\"allowed\">Whether calls of an access class may pass; asked for each call.</param>");
        file.Line(SourceFile.GeneratedCode);
        file.Line($"{contract.Accessibility} class {contract.BaseName}Guard(");
        file.Open($"    {contract.FullName} inner, global::System.Func<Access, bool> allowed) : {contract.FullName}");
        file.Line("/// <summary>Who answers the calls.</summary>");
        file.Line($"protected {contract.FullName} Inner {{ get; }} = inner;");
        foreach (var procedure in contract.Procedures)
        {
            file.Line();
            EmitCall(file, procedure);
        }

        if (contract.IsDisposable)
        {
            file.Line();
            file.Line("/// <inheritdoc/>");
            file.Line("public virtual global::System.Threading.Tasks.ValueTask DisposeAsync() => Inner.DisposeAsync();");
        }

        file.Close();
        return file.ToString();
    }

    private static void EmitCall(SourceFile file, ProcedureModel procedure)
    {
        string operands = string.Join(", ", procedure.Parameters.Select(parameter => MethodEmitter.Identifier(parameter.Name)));
        string denied = "global::System.Threading.Tasks.ValueTask.FromException"
            + (procedure.ResultName is { } name ? $"<{name}>" : "") + $"(AccessDenial.Of(\"{procedure.Name}\"))";
        file.Line("/// <inheritdoc/>");
        file.Continued(
            MethodEmitter.Declaration(procedure) + " =>",
            $"allowed({procedure.Access}) ? Inner.{procedure.Method}({operands}) : {denied};");
    }
}
