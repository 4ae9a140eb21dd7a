using Virt.Generators.Model;

namespace Virt.Generators.Emit;

/// <summary>The expression of the access that a call needs, by its procedure and its arguments.</summary>
internal static class AccessEmitter
{
    /// <param name="procedure">The procedure.</param>
    /// <param name="operand">How the code has an argument, by the parameter's name.</param>
    public static string Needed(ProcedureModel procedure, Func<string, string> operand) =>
        string.Join(" | ", [procedure.Access, .. procedure.Gates.Select(gate => Gate(gate, operand(gate.Argument)))]);

    // Comparing with the value, not with zero: null, where an argument may be that, asks for nothing.
    private static string Gate(GateModel gate, string operand) => gate.IsFlag
        ? $"(({operand} & {gate.Value}) == {gate.Value} ? {gate.Access} : 0)"
        : $"({operand} == {gate.Value} ? {gate.Access} : 0)";
}
