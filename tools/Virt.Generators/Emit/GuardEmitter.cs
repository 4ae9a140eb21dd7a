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
        file.Line("/// <param name=\"granted\">The access classes whose calls pass.</param>");
        file.Line(SourceFile.GeneratedCode);
        file.Line($"{contract.Accessibility} class {contract.BaseName}Guard(");
        file.Open($"    {contract.FullName} inner, Access granted) : {contract.FullName}");
        file.Line("/// <summary>Who answers the calls.</summary>");
        file.Line($"protected {contract.FullName} Inner {{ get; }} = inner;");
        file.Line();
        file.Line("/// <summary>The access classes whose calls pass.</summary>");
        file.Line("protected Access Granted { get; } = granted;");
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
        string needed = AccessEmitter.Needed(procedure, MethodEmitter.Identifier);
        string denied = "global::System.Threading.Tasks.ValueTask.FromException"
            + (procedure.ResultName is { } name ? $"<{name}>" : "") + $"(AccessDenial.Of(\"{procedure.Name}\", ({needed}) & ~Granted))";
        file.Line("/// <inheritdoc/>");
        file.Continued(
            MethodEmitter.Declaration(procedure) + " =>",
            $"Granted.Allows({needed})",
            $"    ? Inner.{procedure.Method}({operands})",
            $"    : {denied};");
    }
}
