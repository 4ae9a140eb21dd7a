using Virt.Generators.Model;

namespace Virt.Generators.Emit;

/// <summary>Writes <c>FooStub</c>, the contract IFoo by calls over a connection.</summary>
internal static class StubEmitter
{
    public static string Emit(ContractModel contract)
    {
        var file = new SourceFile(contract.Namespace);
        file.Line($"/// <summary>Makes the calls of <see cref=\"{contract.FullName}\"/> over a connection.</summary>");
        file.Line("/// <param name=\"caller\">The connection.</param>");
        file.Line(SourceFile.GeneratedCode);
        file.Open($"{contract.Accessibility} class {contract.BaseName}Stub(IRpcCaller caller) : {contract.FullName}");
        file.Line("/// <summary>The connection.</summary>");
        file.Line("protected IRpcCaller Caller { get; } = caller;");
        foreach (var procedure in contract.Procedures)
        {
            file.Line();
            EmitCall(file, contract, procedure);
        }

        if (contract.IsDisposable)
        {
            file.Line();
            file.Line("/// <summary>Does nothing: the connection belongs to whoever opened it.</summary>");
            file.Line("public virtual global::System.Threading.Tasks.ValueTask DisposeAsync() => default;");
        }

        file.Close();
        return file.ToString();
    }

    private static void EmitCall(SourceFile file, ContractModel contract, ProcedureModel procedure)
    {
        file.Line("/// <inheritdoc/>");
        file.Open(MethodEmitter.Declaration(procedure));
        foreach (var argument in procedure.Arguments.Where(argument => argument.Type is { IsValueType: false, IsNullable: false }))
            file.Line($"global::System.ArgumentNullException.ThrowIfNull({MethodEmitter.Identifier(argument.Name)});");
        string arguments = MethodEmitter.TupleType(procedure);
        string[] types = procedure switch
        {
            { Event: { } @event } => [arguments, @event.FullName],
            { Result: { } result } => [arguments, result.FullName],
            _ => [arguments],
        };
        var operands = new List<string>
        {
            "Caller",
            $"new ProcedureId({contract.Program}, {contract.Version}, {procedure.Number})",
            MethodEmitter.Tuple(procedure),
            Writer(procedure, arguments),
        };
        if ((procedure.Event ?? procedure.Result) is { } read)
            operands.Add(ValueEmitter.Reader(read));
        if (procedure.Handler is { } handler)
            operands.Add(MethodEmitter.Identifier(handler));
        operands.Add(MethodEmitter.Identifier(procedure.Parameters[procedure.Parameters.Count - 1].Name));
        string method = procedure.IsStream ? "OpenStreamAsync" : procedure.Event is null ? "CallAsync" : "SubscribeAsync";
        file.Continued(
            $"return StubCalls.{method}<{string.Join(", ", types)}>(",
            operands.Select((operand, i) => operand + (i < operands.Count - 1 ? "," : ");")));
        file.Close();
    }

    private static string Writer(ProcedureModel procedure, string tuple)
    {
        int count = procedure.Arguments.Count;
        var writes = procedure.Arguments.Select((argument, i) =>
            " " + ValueEmitter.Write(argument.Type, "w", count == 1 ? "a" : $"a.Item{i + 1}"));
        return $"static (ref PackWriter w, {tuple} a) => {{ w.WriteArrayHeader({count});{string.Concat(writes)} }}";
    }
}
