using Virt.Generators.Model;

namespace Virt.Generators.Emit;

/// <summary>Writes <c>FooProcedures</c>, the rows of the procedure table for the contract IFoo.</summary>
internal static class ProceduresEmitter
{
    private const string ValueTask = "global::System.Threading.Tasks.ValueTask";

    public static string Emit(ContractModel contract)
    {
        var file = new SourceFile(contract.Namespace);
        file.Line($"/// <summary>The procedures of <see cref=\"{contract.FullName}\"/>.</summary>");
        file.Line(SourceFile.GeneratedCode);
        file.Open($"{contract.Accessibility} static class {contract.BaseName}Procedures");
        file.Line("/// <summary>All of them, in the order of the contract.</summary>");
        file.Line("public static global::System.Collections.Generic.IReadOnlyList<Procedure> All { get; } =");
        file.Line("[");
        foreach (var procedure in contract.Procedures)
        {
            string id = $"new ProcedureId({contract.Program}, {contract.Version}, {procedure.Number})";
            file.Line($"    new({id}, \"{procedure.Name}\", {procedure.Access}, typeof({contract.FullName}), {procedure.Method}{(procedure.Subject is { } subject ? $", {subject}" : "")}{(procedure.Event is null ? "" : ", Subscribes: true")}),");
        }

        file.Line("];");
        foreach (var procedure in contract.Procedures)
        {
            file.Line();
            EmitHandler(file, contract, procedure);
        }

        file.Close();
        return file.ToString();
    }

    private static void EmitHandler(SourceFile file, ContractModel contract, ProcedureModel procedure)
    {
        file.Open($"private static async {ValueTask} {procedure.Method}(object target, IIncomingCall call, global::System.Threading.CancellationToken cancel)");
        EmitDecoding(file, procedure);
        if (procedure.Gates.Count > 0)
            file.Line($"call.Require({AccessEmitter.Needed(procedure, Operand(procedure))});");
        string invocation = $"await (({contract.FullName})target).{procedure.Method}({string.Join(", ", Operands(procedure))}).ConfigureAwait(false)";
        if (procedure.Event is not null)
            file.Line($"call.Accept({invocation});");
        else if (procedure.IsStream)
            file.Line($"call.AcceptStream({invocation});");
        else if (procedure.Result is { } result)
            file.Line($"call.Reply<{result.FullName}>({invocation}, {ValueEmitter.Writer(result)});");
        else
        {
            file.Line($"{invocation};");
            file.Line("call.Reply();");
        }

        file.Close();
    }

    private static void EmitDecoding(SourceFile file, ProcedureModel procedure)
    {
        int count = procedure.Arguments.Count;
        if (count == 0)
        {
            file.Line($"CallArguments.Check(call, \"{procedure.Name}\");");
            return;
        }

        bool single = count == 1;
        var fields = procedure.Arguments.Select((argument, i) =>
            ValueEmitter.ReadField(argument, i, procedure.Name) + (i < count - 1 ? "," : single ? ");" : "));"));
        string type = MethodEmitter.TupleType(procedure);
        file.Line($"{type} arguments = CallArguments.Read<{type}>(");
        file.Continued(
            $"    call, \"{procedure.Name}\", {count}, static (ref PackReader r, int count) =>{(single ? "" : " (")}",
            fields.Select(field => "    " + field));
    }

    /// <summary>How the handler has an argument, by its parameter's name.</summary>
    private static Func<string, string> Operand(ProcedureModel procedure) => name =>
    {
        int position = procedure.Arguments.Select(argument => argument.Name).ToList().IndexOf(name);
        return procedure.Arguments.Count == 1 ? "arguments" : $"arguments.Item{position + 1}";
    };

    private static IEnumerable<string> Operands(ProcedureModel procedure)
    {
        int position = 0;
        foreach (var parameter in procedure.Parameters)
        {
            if (position < procedure.Arguments.Count && procedure.Arguments[position].Name == parameter.Name)
            {
                position++;
                yield return procedure.Arguments.Count == 1 ? "arguments" : $"arguments.Item{position}";
            }
            else if (parameter.Name == procedure.Handler)
            {
                yield return $"value => call.SendEvent<{procedure.Event!.FullName}>(value, {ValueEmitter.Writer(procedure.Event)})";
            }
            else
            {
                yield return "cancel";
            }
        }
    }
}
