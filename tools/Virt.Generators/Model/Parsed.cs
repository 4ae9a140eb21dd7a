namespace Virt.Generators.Model;

/// <summary>What parsing one declaration gave: the model where it is sound, and what is wrong with it.</summary>
internal sealed record Parsed<T>(T? Model, EquatableArray<DiagnosticInfo> Diagnostics, EquatableArray<ProcedureNumber> Numbers = default)
    where T : class;
