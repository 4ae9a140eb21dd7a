namespace Virt.Rpc;

/// <summary>The address of a procedure: the first three integers of a frame's header.</summary>
/// <param name="Program">The program.</param>
/// <param name="Version">Its version.</param>
/// <param name="Number">The procedure.</param>
public readonly record struct ProcedureId(int Program, int Version, int Number);
