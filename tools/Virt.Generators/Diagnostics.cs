using Microsoft.CodeAnalysis;

namespace Virt.Generators;

/// <summary>What the generator refuses, and how it is put right.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor DuplicateNumber = Error(
        "VIRT001", "Procedure number is used twice",
        "{0} has the procedure number {1} of program {2}, which {3} has already; give it a number that was never used");

    public static readonly DiagnosticDescriptor NoProcedure = Error(
        "VIRT002", "Contract method has no procedure number",
        "{0} is in a contract but has no [Procedure]; give it a number and an access class");

    public static readonly DiagnosticDescriptor BadNumber = Error(
        "VIRT003", "Procedure number is not positive", "{0} has the procedure number {1}; numbers start at 1");

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        "VIRT004", "Type cannot travel",
        "{0} is of type {1}, which cannot travel: {2}");

    public static readonly DiagnosticDescriptor NotPositional = Error(
        "VIRT005", "Wire type is not a positional record",
        "{0} is marked [Wire] but is {1}; it must be a positional record, not generic and not inside another type");

    public static readonly DiagnosticDescriptor NoCancellation = Error(
        "VIRT006", "Contract method takes no CancellationToken", "{0} must take a CancellationToken, once and as its last parameter");

    public static readonly DiagnosticDescriptor BadReturn = Error(
        "VIRT007", "Contract method has a wrong return type",
        "{0} returns {1}; it must return ValueTask or ValueTask<T>, and ValueTask<IAsyncDisposable> exactly when it takes an Action<T>");

    public static readonly DiagnosticDescriptor BadMember = Error(
        "VIRT008", "Contract holds what is no procedure", "{0} is {1}; a contract has plain methods only and extends at most IAsyncDisposable");

    public static readonly DiagnosticDescriptor DuplicateName = Error(
        "VIRT009", "Procedure name is used twice", "{0} is declared more than once in {1}; each procedure needs a name of its own");

    public static readonly DiagnosticDescriptor UncheckedAccess = Error(
        "VIRT010", "Access would not be checked",
        "{0} carries {1} inside a record, list or map, where [RequiresAccess] is not checked; make it a parameter of its own");

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Virt.Rpc", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
